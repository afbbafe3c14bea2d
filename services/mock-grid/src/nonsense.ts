/** A price like any other, of 1970. */
const PRICE = {
  timestamp: 0,
  price_per_kwh: 0.2,
  grid_load: "Medium",
  energy_source: "Grid",
  hour: 19,
  valid_from: 0,
  valid_until: 900_000,
};
/** In force at every moment that is asked for. */
const ALWAYS = { ...PRICE, valid_until: 8.64e15 };
const { price_per_kwh: _, ...WITHOUT_PRICE } = ALWAYS;

/** What something other than a grid, or a broken one, may answer. */
const NONSENSE: readonly string[] = [
  "",
  "<!doctype html><title>Welcome to our guest network</title>",
  JSON.stringify(ALWAYS).slice(0, 60),
  "null",
  "[]",
  "0.2",
  "{}",
  JSON.stringify(WITHOUT_PRICE),
  JSON.stringify({ ...ALWAYS, price_per_kwh: null }),
  JSON.stringify({ ...ALWAYS, price_per_kwh: "0.2" }),
  JSON.stringify({ ...ALWAYS, price_per_kwh: 1e9 }),
  JSON.stringify(ALWAYS).replace("0.2", "1e999"),
  JSON.stringify({ ...ALWAYS, hour: 25 }),
  JSON.stringify({ ...ALWAYS, grid_load: "Extreme" }),
  // Reads like a price, but is not the one in force.
  JSON.stringify(PRICE),
  JSON.stringify({ ...PRICE, valid_from: ALWAYS.valid_until, valid_until: 0 }),
];

/** Gives one answer after the other that is no price of the present, and begins again after the last. */
export function nonsenseAnswers(): () => string {
  let given = 0;
  return () => NONSENSE[given++ % NONSENSE.length] ?? "";
}
