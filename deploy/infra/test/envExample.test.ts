import { globSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const CONFIG_FILES = globSync("{services/*,simulator,cli}/src/config.ts", { cwd: REPOSITORY });
const example = readFileSync(`${REPOSITORY}.env.example`, "utf8");
const lines = example.split("\n").filter((line) => /^#?[A-Z][A-Z0-9_]*=/.test(line));
const uncommented = parseEnv(lines.map((line) => line.replace(/^#/, "")).join("\n"));

interface ConfigModule {
  shape: Record<string, unknown>;
  readConfig: (env: NodeJS.Dict<string>) => Record<string, unknown>;
}

/** A config.ts by its convention: one exported shape named ...Env, and readConfig. */
async function configModule(file: string): Promise<ConfigModule> {
  const module: Record<string, unknown> = await import(pathToFileURL(REPOSITORY + file).href);
  const shape = Object.entries(module).find(([name]) => name.endsWith("Env"))?.[1];
  if (typeof shape !== "object" || shape === null || typeof module.readConfig !== "function") {
    throw new Error(`${file} exports no ...Env shape or no readConfig`);
  }
  return { shape: { ...shape }, readConfig: module.readConfig as ConfigModule["readConfig"] };
}

test("there are services whose configuration can be checked", () => {
  expect(CONFIG_FILES.length).toBeGreaterThanOrEqual(3);
});

test.each(CONFIG_FILES)(".env.example names every variable of %s", async (file) => {
  const { shape } = await configModule(file);
  expect(Object.keys(shape).filter((name) => !(name in uncommented))).toEqual([]);
});

test.each(CONFIG_FILES)("the values in .env.example are the defaults of %s", async (file) => {
  const { readConfig } = await configModule(file);
  expect(readConfig(uncommented)).toEqual(readConfig({}));
});

test("each variable in .env.example appears once and is read by the code", () => {
  const names = lines.map((line) => line.replace(/^#/, "").split("=")[0] ?? "");
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  const sources = globSync("{packages/*,services/*,simulator,cli}/src/**/*.ts", { cwd: REPOSITORY })
    .concat(globSync("deploy/infra/*.ts", { cwd: REPOSITORY }))
    .map((file) => readFileSync(REPOSITORY + file, "utf8"))
    .join("\n");
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))).toEqual([]);
});
