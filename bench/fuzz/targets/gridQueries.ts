import { once } from "node:events";
import { createConnection } from "node:net";
import { gridPriceSchema } from "@greenlane/contracts";
import * as fc from "fast-check";
import { type Damage, damaged, someDamage } from "../damage.ts";
import type { FuzzTarget } from "../target.ts";

/** An HTTP request, written by hand: what may stand in it, a client library would mend or refuse. */
interface Input {
  method: string;
  path: string;
  query: string;
  headers: string[];
  body: string;
  damage: Damage;
}

const text = fc.string({ unit: "binary", maxLength: 40 }).map((value) => encodeURIComponent(value.toWellFormed()));
const value = fc.oneof(
  text,
  fc.integer().map(String),
  fc.double().map(String),
  fc.bigInt({ min: 0n, max: 10n ** 17n }).map(String),
  fc.constantFrom("", "%", "%zz", "%00", "[]", "{}", "null", "9".repeat(400), "8640000000000000", "168", "0.25"),
);
const pair = fc.tuple(fc.oneof(fc.constantFrom("at", "hours", "at", "hours", "at[]", "__proto__"), text), value);
const query = fc.array(pair, { maxLength: 4 }).map((pairs) => pairs.map((each) => each.join("=")).join("&"));

const PATHS = ["/api/pricing", "/api/pricing/forecast"];
const path = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PATHS) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...["/", "//", "/api", "/api/pricing/", "/api//pricing", "/API/PRICING", "/api/pricing/../../etc/passwd"],
      ...[
        "/health",
        "/ready",
        "/metrics",
        "/docs",
        "/docs/json",
        "/docs/static/../../app.ts",
        "/docs/static/%2e%2e%2f",
      ],
      ...["/faults", "/%", "/%00", "/%ff", "*", "http://elsewhere/api/pricing", `/${"x".repeat(9_000)}`],
    ),
  },
  { weight: 1, arbitrary: text.map((name) => `/${name}`) },
);
const someHeader = fc.oneof(
  fc.constantFrom(
    ...["content-type: application/json", "content-type: text/plain", "content-type: ;;", "accept: nothing/*"],
    ...["content-length: 5", "content-length: -1", "content-length: 99999999999", "transfer-encoding: chunked"],
    ...["expect: 100-continue", "expect: miracles", "upgrade: websocket", "connection: upgrade", "host: \0"],
    ...["range: bytes=0-", "if-none-match: *", `cookie: ${"x".repeat(20_000)}`, "accept-encoding: gzip;q=nan"],
  ),
  fc.tuple(text, text).map(([name, said]) => `${name.replaceAll("%", "")}: ${said}`),
);
const someBody = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: fc.json() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "{",
      '{"outage":true}',
      '{"latency_ms":-1}',
      '{"__proto__":{"hang":true}}',
      "[".repeat(9_000),
    ),
  },
);

/** What may be asked of the grid. */
export const gridQueries: FuzzTarget<Input> = {
  name: "grid-queries",
  about: "query strings, paths, headers and bodies into mock-grid",
  input: fc.record({
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constant("GET") },
      {
        weight: 1,
        arbitrary: fc.constantFrom("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW", "get"),
      },
    ),
    path,
    query,
    headers: fc.oneof(
      { weight: 3, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: fc.array(someHeader, { minLength: 1, maxLength: 3 }) },
    ),
    body: someBody,
    damage: fc.oneof({ weight: 4, arbitrary: fc.constant<Damage>([]) }, { weight: 1, arbitrary: someDamage }),
  }),
  async start(stage) {
    const grid = await stage.service("mock-grid");
    const url = `http://127.0.0.1:${grid.adminPort}`;
    return {
      services: [grid],
      async take(asked) {
        const target = asked.query === "" ? asked.path : `${asked.path}?${asked.query}`;
        const length = asked.body === "" ? [] : [`content-length: ${Buffer.byteLength(asked.body)}`];
        const head = [
          `${asked.method} ${target} HTTP/1.1`,
          "host: grid",
          "connection: close",
          ...asked.headers,
          ...length,
        ];
        const request = damaged(Buffer.from(`${head.join("\r\n")}\r\n\r\n${asked.body}`), asked.damage);
        const answer = parted(await exchange(grid.adminPort, request));
        if (asked.path === "/faults" || asked.damage.length > 0) await misbehaveNoMore(url);
        if (answer !== undefined) mayBeAnswered(answer, isPlain(asked) && PATHS.includes(asked.path));
      },
      async serve() {
        const answer = await fetch(`${url}/api/pricing?at=${Date.now()}`);
        gridPriceSchema.parse(await answer.json());
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

const isPlain = ({ method, headers, body, damage }: Input) =>
  method === "GET" && headers.length === 0 && body === "" && damage.length === 0;

/** Sends a request and reads until the server has said all; undefined bytes may keep it waiting for more. */
async function exchange(port: number, request: Buffer): Promise<Buffer> {
  const socket = createConnection(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => undefined);
  socket.end(request);
  await once(socket, "close");
  return Buffer.concat(chunks);
}

interface Answer {
  status: number;
  headers: string;
  body: string;
}

function parted(bytes: Buffer): Answer | undefined {
  const [head = "", ...rest] = bytes.toString("utf8").split("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
  return Number.isNaN(status) ? undefined : { status, headers: head.toLowerCase(), body: rest.join("\r\n\r\n") };
}

/** A price, or a refusal that names what it refuses. Never a failure of the grid's own. */
function mayBeAnswered({ status, headers, body }: Answer, isPrice: boolean): void {
  if (status >= 500) throw new Error(`the grid answered ${status}: ${body}`);
  if (/\n\s+at .*:\d+:\d+/.test(body)) throw new Error(`the grid shows its inside: ${body}`);
  if (!isPrice) return;
  if (headers.includes("chunked")) throw new Error("a price came in chunks");
  const json: unknown = JSON.parse(body);
  if (status === 200) gridPriceSchema.or(gridPriceSchema.array()).parse(json);
  else if (status !== 400 || !/^(at|hours): /.test(`${(json as { error?: unknown }).error}`))
    throw new Error(`the grid answered ${status} ${body}`);
}

/** What an input may have switched is switched back. */
async function misbehaveNoMore(url: string): Promise<void> {
  await fetch(`${url}/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ latency_ms: 0, error_rate: 0, outage: false, hang: false, nonsense: false }),
  });
}
