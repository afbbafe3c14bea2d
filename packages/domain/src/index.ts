export * from "./bookingStates.ts";
export * from "./charging.ts";
export * from "./geography.ts";
export * from "./negotiation/index.ts";
export * from "./priceCurve.ts";
export * from "./seededRandom.ts";
export * from "./zonedTime.ts";
