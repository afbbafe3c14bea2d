import { countPrices, type PriceRow, recentPrices } from "@greenlane/timescale";
import type { Command } from "commander";
import { limitOption, withJson } from "../arguments.ts";
import { readConfig } from "../config.ts";
import { andMore, type Column, table } from "../format/table.ts";
import { withDatabase } from "../servers.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

export function addPrices(program: Command, terminal: Terminal): void {
  withJson(program.command("prices"), {
    example: "prices --limit 4",
    json: "{prices: [{valid_from, valid_until, price_per_kwh, grid_load, energy_source}], more}, newest first",
  })
    .description("the grid's prices that were used, newest first")
    .addOption(limitOption())
    .action(async (options: JsonOption & { limit: number }) => {
      const { prices, total } = await withDatabase(readConfig(terminal.env), async (database) => ({
        prices: await recentPrices(database, options.limit),
        total: await countPrices(database),
      }));
      const more = Math.max(0, total - prices.length);
      await answer(terminal, options, { prices: prices.map(asJson), more }, () => asText(prices, more));
    });
}

const asJson = (price: PriceRow) => ({
  valid_from: price.validFrom.getTime(),
  valid_until: price.validUntil.getTime(),
  price_per_kwh: price.pricePerKwh,
  grid_load: price.gridLoad,
  energy_source: price.energySource,
});

const COLUMNS: Column<PriceRow>[] = [
  { title: "FROM", cell: ({ validFrom }) => validFrom.toISOString() },
  { title: "UNTIL", cell: ({ validUntil }) => validUntil.toISOString() },
  { title: "$/KWH", cell: ({ pricePerKwh }) => pricePerKwh.toFixed(4), align: "right" },
  { title: "LOAD", cell: ({ gridLoad }) => gridLoad },
  { title: "SOURCE", cell: ({ energySource }) => energySource },
];

function asText(prices: PriceRow[], more: number): string {
  return prices.length === 0 ? "no price was used yet\n" : table(COLUMNS, prices) + andMore(more);
}
