/** The services of a stage, by the names that they have there. */
export const SERVICES = ["ingestion", "worker", "booking", "grid"] as const;

const TITLES = { ingestion: "ingestion", worker: "the pricing worker", booking: "booking", grid: "mock-grid" };

export const titleOf = (service: (typeof SERVICES)[number]): string => TITLES[service];
