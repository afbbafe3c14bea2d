import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig } from "vitest/config";

const testFiles = globSync(
  ["{packages,services}/*/test/**/*.test.ts", "{simulator,cli,deploy,deploy/infra,bench}/test/**/*.test.ts"],
  { cwd: import.meta.dirname },
);

/** A test that needs servers starts them by testkit, itself or in a file beside it. */
function needsServers(file: string): boolean {
  const source = readFileSync(join(import.meta.dirname, file), "utf8");
  if (/\bstart(Kafka|Postgres|Redis|RedisCluster|OwnServers)\b/.test(source)) return true;
  const besideIt = [...source.matchAll(/from "(\.\/[^"]+\.ts)"/g)].map(([, path = ""]) => join(dirname(file), path));
  return besideIt.some(needsServers);
}

export default defineConfig({
  test: {
    // Real servers take their time on a shared machine; a test waits for conditions, this only ends one that hangs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ["default", "./deploy/testSummary.ts"],
    projects: [
      { extends: true, test: { name: "unit", include: testFiles.filter((file) => !needsServers(file)) } },
      { extends: true, test: { name: "integration", include: testFiles.filter(needsServers) } },
    ],
  },
});
