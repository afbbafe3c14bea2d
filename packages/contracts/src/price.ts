import { z } from "zod";

/** No grid has asked or paid as much, dollars per kWh (Texas' cap of February 2021 was 9): a sum beyond is an error. */
const MAX_PRICE_PER_KWH = 100;

/** What mock-grid answers on GET /api/pricing: the price in force from valid_from until just before valid_until. */
export const gridPriceSchema = z.object({
  /** The moment asked for, Unix ms. */
  timestamp: z.number().int(),
  /** Dollars; can be negative: the nyiso profile has wholesale prices, which are where there is too much power. */
  price_per_kwh: z.number().min(-MAX_PRICE_PER_KWH).max(MAX_PRICE_PER_KWH),
  grid_load: z.enum(["Low", "Medium", "High"]),
  energy_source: z.enum(["Solar", "Wind", "Grid"]),
  /** Hour of day in the grid's time zone, 0 to 23. */
  hour: z.number().int().min(0).max(23),
  /** Unix ms, inclusive. */
  valid_from: z.number().int(),
  /** Unix ms, exclusive. */
  valid_until: z.number().int(),
});

export type GridPrice = z.infer<typeof gridPriceSchema>;
