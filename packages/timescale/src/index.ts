export * from "./carHistory.ts";
export type { PricedTelemetry } from "./chargingIntervals.ts";
export { closeDatabase, type Database, databaseEnv, isFaultOfData, isTransient, openDatabase } from "./database.ts";
export * from "./databaseDescription.ts";
export * from "./fleetSummary.ts";
export * from "./gridPrices.ts";
export { migrate } from "./migrate.ts";
export * from "./sessions.ts";
export * from "./storeTelemetry.ts";
