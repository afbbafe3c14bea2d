import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,services}/*/test/**/*.test.ts", "{simulator,cli,deploy,deploy/infra}/test/**/*.test.ts"],
    // Real servers take their time on a shared machine; a test waits for conditions, this only ends one that hangs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ["default", "./deploy/testSummary.ts"],
  },
});
