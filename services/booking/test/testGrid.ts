import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface TestGrid extends AsyncDisposable {
  url: string;
  /** What it says from now on, dollars per kWh. */
  pricePerKwh: number;
}

const INTERVAL_MS = 900_000;
const INTERVALS = 192;

/** A grid with one price for all times: two days of it. */
export async function startTestGrid(): Promise<TestGrid> {
  const http = createServer((_, answer) => {
    const firstMs = Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS;
    const forecast = Array.from({ length: INTERVALS }, (_interval, n) => ({
      timestamp: firstMs + n * INTERVAL_MS,
      price_per_kwh: grid.pricePerKwh,
      grid_load: "Low",
      energy_source: "Grid",
      hour: 0,
      valid_from: firstMs + n * INTERVAL_MS,
      valid_until: firstMs + (n + 1) * INTERVAL_MS,
    }));
    answer.setHeader("content-type", "application/json").end(JSON.stringify(forecast));
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  const grid: TestGrid = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    pricePerKwh: 0.2,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
  return grid;
}
