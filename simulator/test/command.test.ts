import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const simulator = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8" });

test("a recording that does not hold ends the simulator with 2 and one line that says where", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenlane-simulator-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "bad.csv");
  writeFileSync(file, "car_id,lat,lon,battery,velocity,timestamp\nCAR-001,40,-73,80,fast,1000\n");
  const { status, stderr } = simulator("--replay", file);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: `error: --replay: ${file}:2: velocity must be a number\n`,
  });
});

test("a flag's bad value is refused by the flag's name, with what it must be", () => {
  const { status, stderr } = simulator("--cars", "2.5");
  expect(status).toBe(2);
  expect(stderr).toMatch(/--cars .* must be a whole number from 1 to /);
});

test("the help names every flag", () => {
  const { status, stdout } = simulator("--help");
  expect(status).toBe(0);
  const flags = ["cars", "rate", "duration", "seed", "speed-up", "target", "token", "replay", "admin-port"];
  const ofBooking = ["booking-target", "top-up"];
  for (const flag of [...flags, ...ofBooking]) expect(stdout).toContain(`--${flag} <`);
  expect(stdout).toContain("--gateway ");
});
