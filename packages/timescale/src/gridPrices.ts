import type { GridPrice } from "@greenlane/contracts";
import type { Database } from "./database.ts";

/** Keeps a price; one an interval. @returns the one that stands, which may be what another worker was told before */
export async function storeGridPrice(database: Database, price: GridPrice): Promise<GridPrice> {
  const { rows } = await database.query<{ price_per_kwh: number }>(
    `INSERT INTO grid_prices (valid_from, valid_until, price_per_kwh, grid_load, energy_source)
     VALUES (to_timestamp($1 / 1000.0), to_timestamp($2 / 1000.0), $3, $4, $5)
     ON CONFLICT (valid_from) DO UPDATE SET valid_from = excluded.valid_from RETURNING price_per_kwh`,
    [price.valid_from, price.valid_until, price.price_per_kwh, price.grid_load, price.energy_source],
  );
  return { ...price, price_per_kwh: rows[0]?.price_per_kwh ?? price.price_per_kwh };
}

export interface PriceRow {
  validFrom: Date;
  validUntil: Date;
  pricePerKwh: number;
  gridLoad: string;
  energySource: string;
}

/** The prices used, newest first. */
export async function recentPrices(database: Database, limit: number): Promise<PriceRow[]> {
  const { rows } = await database.query<PriceRow>(
    `SELECT valid_from AS "validFrom", valid_until AS "validUntil", price_per_kwh AS "pricePerKwh",
            grid_load AS "gridLoad", energy_source AS "energySource"
     FROM grid_prices ORDER BY valid_from DESC LIMIT $1`,
    [limit],
  );
  return rows;
}

export async function countPrices(database: Database): Promise<number> {
  const { rows } = await database.query<{ prices: number }>("SELECT count(*)::int AS prices FROM grid_prices");
  return rows[0]?.prices ?? 0;
}
