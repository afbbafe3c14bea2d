import { mkdtempDisposableSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { greenlaneInProcess } from "./inProcess.ts";

const SMALL = ["lab", "--scenario", "herd", "--cars", "12", "--stations", "3", "--connectors", "1", "--seeds", "2"];
const lab = (...args: string[]) => greenlaneInProcess([...SMALL, ...args], {});

test("the lab shows each policy's measures with their intervals, in the order asked for", async () => {
  const { stdout, exitCode } = await lab("--policy", "negotiated,nearest");
  expect(exitCode).toBe(0);
  const [titles, ...rows] = stdout.trimEnd().split("\n");
  expect(titles).toMatch(/^POLICY +CHARGED MIN +BY BOUND/);
  expect(rows.map((row) => row.split(" ")[0])).toEqual(["negotiated", "nearest"]);
  for (const row of rows) expect(row).toMatch(/\d\.\d ± \d+\.\d/);
});

test("without a choice all policies of the scenario are tried", async () => {
  const { stdout } = await lab();
  const policies = stdout
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((row) => row.split(" ")[0]);
  expect(policies).toEqual(["nearest", "shortest-queue", "min-total-time", "first-come", "negotiated"]);
});

test("as JSON the lab gives means and half-widths by the measures' names", async () => {
  const { stdout } = await lab("--policy", "first-come", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    scenario: "herd",
    seeds: 2,
    results: [
      { policy: "first-come", measures: { meanMin: { mean: expect.any(Number), half_width: expect.any(Number) } } },
    ],
  });
});

test("a single run has no interval", async () => {
  const { stdout } = await lab("--policy", "first-come", "--seeds", "1", "--json");
  expect(JSON.parse(stdout).results[0].measures.meanMin.half_width).toBeNull();
});

test("the lab writes each run's measures and the plots where it is told", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "greenlane-lab-"));
  const [csv, plots] = [join(folder.path, "runs.csv"), join(folder.path, "new", "plots")];
  const { exitCode } = await lab("--policy", "first-come", "--csv", csv, "--svg", plots);
  expect(exitCode).toBe(0);
  expect(readFileSync(csv, "utf8").trimEnd().split("\r\n").length).toBe(3);
  expect(readdirSync(plots).sort()).toEqual(["herd-load.svg", "herd-price.svg", "herd-queue.svg", "herd-waits.svg"]);
});

test.each([
  ["a policy that the scenario does not have", ["--policy", "nearest,luck"], "luck"],
  ["an empty policy", ["--policy", "nearest,"], "--policy"],
  ["an unknown scenario", ["--scenario", "moon"], "--scenario"],
  ["no run", ["--seeds", "0"], "--seeds"],
  ["half a car", ["--cars", "1.5"], "--cars"],
])("%s is bad usage, and the message names it", async (_what, args, name) => {
  const { stdout, stderr, exitCode } = await lab(...args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(name);
  expect(stdout).toBe("");
});

test("a file that cannot be written is said, and the table is not lost for it", async () => {
  const { stdout, stderr, exitCode } = await lab("--policy", "first-come", "--csv", "/dev/null/runs.csv");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("/dev/null/runs.csv");
  expect(stdout).toContain("first-come");
});
