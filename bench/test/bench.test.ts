import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startOwnServers } from "@greenlane/stage";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chosenFigures, measureFigures } from "../benchRun.ts";
import { effortOf, readBenchConfig } from "../config.ts";
import { Stage } from "../figures/stage.ts";
import { readSoakConfig } from "../soak/config.ts";
import { soak } from "../soak/soakRun.ts";

const PROGRAM = fileURLToPath(new URL("../main.ts", import.meta.url));

const cleanup = new AsyncDisposableStack();
let stage: Stage;

beforeAll(async () => {
  const servers = cleanup.use(await startOwnServers());
  stage = cleanup.use(await Stage.open(servers));
});
afterAll(() => cleanup.disposeAsync());

const quiet = () => {};

/** What some figures come to in their shortest version. */
function measure(names: string, events = 3_000) {
  const config = readBenchConfig({ ONLY: names, SECONDS: "1", EVENTS: `${events}` });
  return measureFigures(chosenFigures(config), stage, effortOf(config), quiet);
}

test.each([
  ["cars", "streams-1000"],
  ["gateways", "gateways"],
])(
  "what %s send is acked and in the log, every report once, and stands beside a bare server's echo",
  async (_, name) => {
    const { rows, faults } = await measure(name);
    expect(faults).toEqual([]);
    expect(rows.map(({ id }) => id)).toEqual([name]);
    for (const { measured, floor } of rows) expect(Math.min(measured, floor?.value ?? 0)).toBeGreaterThan(0);
  },
);

test("what goes through the whole thread becomes rows, each event one", async () => {
  const { rows, faults } = await measure("thread");
  expect(faults).toEqual([]);
  expect(rows).toHaveLength(1);
});

test("a backlog with events that come twice becomes as many rows as it has events, though a second worker comes", async () => {
  const { rows, faults } = await measure("drain-x2");
  expect(faults).toEqual([]);
  expect(rows).toHaveLength(1);
});

test("a soak samples every service, and every event that it sent is a row in the end", async () => {
  const config = readSoakConfig({ MINUTES: "0.05", EVENTS_PER_SECOND: "200", CARS: "50" });
  const run = await soak(stage, config, quiet);
  expect(run.faults).toEqual([]);
  expect(run.memory.map(({ samples }) => samples.length)).toEqual([20, 20, 20]);
  for (const { resident } of run.memory) expect(resident?.growth).toBeTypeOf("number");
});

test("figures are asked for by their names, or by how several begin", () => {
  const names = (ONLY: string) => chosenFigures(readBenchConfig({ ONLY })).map(({ name }) => name);
  expect(names("drain")).toEqual(["drain"]);
  expect(names("cars,drain-x2")).toEqual(["drain-x2", "cars-100", "cars-1000", "cars-10000"]);
  expect(names("")).not.toContain("table-rows");
});

test("make bench names every variable at fault and ends with 78 before it starts anything", () => {
  const wrong = { ONLY: "nothing", SECONDS: "0", JSON: "yes" };
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM], {
    env: { ...process.env, ...wrong },
    encoding: "utf8",
  });
  expect(status).toBe(78);
  expect(stderr.match(/(?<=^ {2})\w+(?=:)/gm)).toEqual(Object.keys(wrong));
});
