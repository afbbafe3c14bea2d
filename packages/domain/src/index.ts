export * from "./charging.ts";
export * from "./geography.ts";
export * from "./priceCurve.ts";
export * from "./zonedTime.ts";
