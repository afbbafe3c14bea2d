import { gridPriceSchema, MAX_TIME_MS } from "@greenlane/contracts";
import { ConfigError, createMetrics, silentLogger, systemClock } from "@greenlane/runtime";
import * as fc from "fast-check";
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
const forecastOf = async (url: string) => gridPriceSchema.array().parse(await (await fetch(url)).json());
const switchFaults = (url: string, faults: object) =>
  fetch(`${url}/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(faults),
  });

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
    const midnight = Date.parse("2026-06-15T00:00:00-04:00");
    const steps = await forecastOf(`${url}/api/pricing/forecast?hours=24&at=${midnight}`);
    expect(steps.map((step) => step.valid_from)).toEqual(Array.from({ length: 96 }, (_, n) => midnight + n * 900_000));
    for (const [n, step] of steps.entries()) if (n > 0) expect(step.valid_from).toBe(steps[n - 1]?.valid_until);
    const byPrice = steps.toSorted((a, b) => a.price_per_kwh - b.price_per_kwh);
    expect([byPrice[0]?.hour, byPrice.at(-1)?.hour]).toEqual([2, 18]);
  }));

test("a forecast begins with the price in force and is a day long unless asked otherwise", () =>
  withGrid({}, async (url) => {
    const now = await priceOf(`${url}/api/pricing`);
    const steps = await forecastOf(`${url}/api/pricing/forecast?at=${now.timestamp}`);
    expect(steps).toHaveLength(96);
    expect({ ...steps[0], timestamp: now.timestamp }).toEqual(now);
  }));

test.each(["synthetic", "nyiso"])("what a forecast of the %s profile tells of a moment is the price then", (profile) =>
  withGrid({ PRICE_PROFILE: profile }, async (url) => {
    const moment = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) });
    const hours = fc.integer({ min: 1, max: 8 }).map((quarters) => quarters / 4);
    await fc.assert(
      fc.asyncProperty(moment, hours, async (atMs, length) => {
        const steps = await forecastOf(`${url}/api/pricing/forecast?at=${atMs}&hours=${length}`);
        expect(steps).toHaveLength(length * 4);
        for (const step of steps) {
          const inTheMiddle = step.valid_from + 450_000;
          const price = await priceOf(`${url}/api/pricing?at=${inTheMiddle}`);
          expect(price).toEqual({ ...step, timestamp: inTheMiddle });
        }
      }),
      { numRuns: 30 },
    );
  }),
);

test("another time zone has its own 18:00", () =>
  withGrid({ GRID_TIME_ZONE: "Asia/Kolkata" }, async (url) => {
    const atMs = Date.parse("2026-06-15T18:00:00+05:30");
    const { hour, price_per_kwh } = await priceOf(`${url}/api/pricing?at=${atMs}`);
    expect([hour, price_per_kwh]).toEqual([18, 0.32]);
  }));

test.each([
  "at=yesterday",
  "at=-1",
  "at=1e400",
  "at=1e3",
  "at=",
  "at=%20",
  "at=0x10",
  "at=1.5",
  "at=1&at=2",
  "at=8640000000000001",
  "hours=0",
  "hours=1000",
  "hours=",
  "hours=1e1",
  "hours=1&hours=2",
])("a query of %s is refused by name", (query) =>
  withGrid({}, async (url) => {
    const answer = await fetch(`${url}/api/pricing/forecast?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: expect.stringMatching(`^${query.slice(0, query.indexOf("="))}: `) });
  }),
);

test("the last moment that a date can name has a price, and no forecast reaches beyond it", () =>
  withGrid({}, async (url) => {
    expect((await priceOf(`${url}/api/pricing?at=${MAX_TIME_MS}`)).timestamp).toBe(MAX_TIME_MS);
    const dayBefore = MAX_TIME_MS - 86_400_000;
    expect(await forecastOf(`${url}/api/pricing/forecast?at=${dayBefore}`)).toHaveLength(96);
    expect((await fetch(`${url}/api/pricing/forecast?at=${dayBefore + 1}`)).status).toBe(400);
  }));

test("whatever is asked, the answer is a price or a refusal, never a failure", () =>
  withGrid({}, async (url) => {
    const text = fc.string({ unit: "binary", maxLength: 40 }).map((value) => encodeURIComponent(value.toWellFormed()));
    const value = fc.oneof(
      text,
      fc.integer().map(String),
      fc.double().map(String),
      fc.bigInt({ min: 0n, max: 10n ** 17n }).map(String),
      fc.constantFrom("", "%", "%zz", "%00", "[]", "{}", "null", "9".repeat(400)),
    );
    const pair = fc.tuple(fc.oneof(fc.constantFrom("at", "hours", "at[]", "__proto__"), text), value);
    const query = fc.array(pair, { maxLength: 4 }).map((pairs) => pairs.map((each) => each.join("=")).join("&"));
    const path = fc.constantFrom("/api/pricing", "/api/pricing/forecast");
    await fc.assert(
      fc.asyncProperty(path, query, async (route, asked) => {
        const answer = await fetch(`${url}${route}?${asked}`);
        expect([200, 400]).toContain(answer.status);
        const body = await answer.json();
        if (answer.status === 200) gridPriceSchema.or(gridPriceSchema.array()).parse(body);
        else expect(body).toEqual({ error: expect.stringMatching(/^(at|hours): /) });
      }),
      { numRuns: 300 },
    );
  }));

test("New York's real prices play by weekday and hour, with the adder on top", () =>
  withGrid({ PRICE_PROFILE: "nyiso", RETAIL_ADDER_PER_KWH: "1" }, async (url) => {
    const evening = await priceOf(`${url}/api/pricing?at=${Date.parse("2026-06-15T18:00:00-04:00")}`);
    const night = await priceOf(`${url}/api/pricing?at=${Date.parse("2026-06-15T03:00:00-04:00")}`);
    expect(evening.price_per_kwh).toBeGreaterThan(night.price_per_kwh);
    expect(night.price_per_kwh).toBeGreaterThan(1);
    expect(evening.price_per_kwh).toBeLessThan(1.2);
  }));

test("an outage is switched on and off at run time, and /ready tells of it", () =>
  withGrid({}, async (url) => {
    await switchFaults(url, { outage: true });
    expect((await fetch(`${url}/api/pricing`)).status).toBe(503);
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    await switchFaults(url, { outage: false });
    expect((await fetch(`${url}/api/pricing`)).status).toBe(200);
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  }));

test("a share of the answers fails when told so", () =>
  withGrid({ FAULT_ERROR_RATE: "0.5" }, async (url) => {
    const statuses = new Set<number>();
    while (statuses.size < 2) statuses.add((await fetch(`${url}/api/pricing`)).status);
    expect(statuses).toEqual(new Set([200, 500]));
  }));

test("answers are late when told so", () =>
  withGrid({ FAULT_LATENCY_MS: "300" }, async (url) => {
    const askedAtMs = performance.now();
    await priceOf(`${url}/api/pricing`);
    expect(performance.now() - askedAtMs).toBeGreaterThan(290);
  }));

test("nonsense is answered as if it were well, and never holds the price in force", () =>
  withGrid({ FAULT_NONSENSE: "true" }, async (url) => {
    for (let n = 0; n < 40; n++) {
      const answer = await fetch(`${url}/api/pricing?at=${Date.now()}`);
      expect(answer.status).toBe(200);
      const text = await answer.text();
      const read = gridPriceSchema.safeParse(jsonOf(text));
      const inForce = read.success && read.data.valid_from <= Date.now() && Date.now() < read.data.valid_until;
      expect([text, inForce]).toEqual([text, false]);
    }
  }));

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

test("a hanging grid answers nothing, and yet can be switched and stopped", async () => {
  let asked: Promise<Response> | undefined;
  await withGrid({}, async (url) => {
    await switchFaults(url, { hang: true });
    const gaveUp = fetch(`${url}/api/pricing`, { signal: AbortSignal.timeout(300) });
    await expect(gaveUp).rejects.toThrow("timeout");
    asked = fetch(`${url}/api/pricing`);
    asked.catch(() => undefined);
    await switchFaults(url, { hang: false });
    await priceOf(`${url}/api/pricing`);
  });
  await expect(asked).rejects.toThrow();
});

test("production knows no faults: each that is set is refused by name, and none can be switched on", async () => {
  const faulty = { NODE_ENV: "production", FAULT_HANG: "true", FAULT_LATENCY_MS: "5", FAULT_OUTAGE: "false" };
  expect(() => readConfig(faulty)).toThrow(ConfigError);
  for (const name of ["FAULT_LATENCY_MS", "FAULT_HANG"])
    expect(() => readConfig(faulty)).toThrow(`${name}: faults are for tests and refused in production`);
  await withGrid({ NODE_ENV: "production" }, async (url) => {
    expect((await switchFaults(url, { outage: true })).status).toBe(404);
  });
});

test("an order to misbehave in an unknown way is refused", () =>
  withGrid({}, async (url) => {
    expect((await switchFaults(url, { explode: true })).status).toBe(400);
    expect((await switchFaults(url, { error_rate: 2 })).status).toBe(400);
  }));

test("a time zone that there is not is refused by name", () => {
  expect(() => readConfig({ GRID_TIME_ZONE: "Mars/Olympus_Mons" })).toThrow("GRID_TIME_ZONE: must be an IANA");
});

test("requests are counted by route and status", () =>
  withGrid({}, async (url) => {
    await (await fetch(`${url}/api/pricing?at=no`)).text();
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/mock_grid_request_seconds_count\{.*route="\/api\/pricing".*status="400".*\} 1/);
  }));

test("the OpenAPI page needs nothing from elsewhere", () =>
  withGrid({}, async (url) => {
    const page = await fetch(`${url}/docs`);
    expect(page.status).toBe(200);
    const html = await page.text();
    const references = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, reference = ""]) => reference);
    expect(references.length).toBeGreaterThan(3);
    for (const reference of references) {
      const part = new URL(reference, page.url);
      expect(part.origin).toBe(url);
      const answer = await fetch(part);
      await answer.bytes();
      expect([reference, answer.status]).toEqual([reference, 200]);
    }
    const initializer = await (await fetch(`${url}/docs/static/swagger-initializer.js`)).text();
    expect(initializer).toContain("validatorUrl: null");
  }));

test("the OpenAPI document tells of both routes and all fields of a price", () =>
  withGrid({}, async (url) => {
    const { paths } = (await (await fetch(`${url}/docs/json`)).json()) as { paths: object };
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(["/api/pricing", "/api/pricing/forecast"]));
    const told = JSON.stringify(paths);
    for (const field of Object.keys(gridPriceSchema.shape)) expect(told).toContain(`"${field}"`);
  }));
