import { gridPriceSchema } from "@greenlane/contracts";
import { createMetrics, silentLogger, systemClock } from "@greenlane/runtime";
import { expect, test } from "vitest";
import { startMockGrid } from "../src/app.ts";
import { readConfig } from "../src/config.ts";

async function withGrid(env: Record<string, string>, work: (url: string) => Promise<void>): Promise<void> {
  const runtime = { logger: silentLogger, metrics: createMetrics("test"), clock: systemClock };
  const grid = await startMockGrid(readConfig({ PORT: "0", LISTEN_HOST: "127.0.0.1", ...env }), runtime);
  try {
    await work(`http://127.0.0.1:${grid.port}`);
  } finally {
    await grid.stop();
  }
}
const priceOf = async (url: string) => gridPriceSchema.parse(await (await fetch(url)).json());

test("the price of a moment has the contract's fields, dear at 18:00 and cheap at 02:00", () =>
  withGrid({}, async (url) => {
    const dear = await priceOf(`${url}/api/pricing?at=${Date.parse("2026-06-15T18:00:00-04:00")}`);
    const cheap = await priceOf(`${url}/api/pricing?at=${Date.parse("2026-06-15T02:00:00-04:00")}`);
    expect([dear.hour, cheap.hour]).toEqual([18, 2]);
    expect(dear.price_per_kwh).toBeGreaterThan(cheap.price_per_kwh);
    const now = await priceOf(`${url}/api/pricing`);
    expect(now.valid_until).toBeGreaterThan(now.timestamp);
  }));

test("a day's forecast has 96 steps without a gap, dearest at 18:00 and cheapest at 02:00", () =>
  withGrid({}, async (url) => {
    const body = await (
      await fetch(`${url}/api/pricing/forecast?hours=24&at=${Date.parse("2026-06-15T00:00:00-04:00")}`)
    ).json();
    const steps = gridPriceSchema.array().parse(body);
    expect(steps).toHaveLength(96);
    for (const [n, step] of steps.entries()) if (n > 0) expect(step.valid_from).toBe(steps[n - 1]?.valid_until);
    const byPrice = steps.toSorted((a, b) => a.price_per_kwh - b.price_per_kwh);
    expect([byPrice[0]?.hour, byPrice.at(-1)?.hour]).toEqual([2, 18]);
  }));

test.each(["at=yesterday", "at=-1", "at=1e400", "hours=0", "hours=1000"])("a query of %s is refused by name", (query) =>
  withGrid({}, async (url) => {
    const answer = await fetch(`${url}/api/pricing/forecast?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(query.slice(0, query.indexOf("=")));
  }),
);

test("New York's real prices play by weekday and hour, with the adder on top", () =>
  withGrid({ PRICE_PROFILE: "nyiso", RETAIL_ADDER_PER_KWH: "1" }, async (url) => {
    const evening = await priceOf(`${url}/api/pricing?at=${Date.parse("2026-06-15T18:00:00-04:00")}`);
    const night = await priceOf(`${url}/api/pricing?at=${Date.parse("2026-06-15T03:00:00-04:00")}`);
    expect(evening.price_per_kwh).toBeGreaterThan(night.price_per_kwh);
    expect(night.price_per_kwh).toBeGreaterThan(1);
    expect(evening.price_per_kwh).toBeLessThan(1.2);
  }));

test("an outage is switched on and off at run time, but not in production", async () => {
  const outage = (url: string, on: boolean) =>
    fetch(`${url}/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ outage: on }),
    });
  await withGrid({}, async (url) => {
    await outage(url, true);
    expect((await fetch(`${url}/api/pricing`)).status).toBe(503);
    await outage(url, false);
    expect((await fetch(`${url}/api/pricing`)).status).toBe(200);
  });
  await withGrid({ NODE_ENV: "production" }, async (url) => {
    expect((await outage(url, true)).status).toBe(404);
  });
});

test("the OpenAPI page is served", () =>
  withGrid({}, async (url) => {
    expect((await fetch(`${url}/docs/`)).status).toBe(200);
    expect(await (await fetch(`${url}/docs/json`)).text()).toContain("/api/pricing/forecast");
  }));
