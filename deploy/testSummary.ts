import { chooseEngine } from "@greenlane/local-servers";
import type { Reporter, TestModule, TestSpecification } from "vitest/node";

/**
 * Opens a test run that needs servers with where they come from, and closes each run with one plain line, "N passed,
 * N failed". A file that could not be run, and an error outside of any test, count as one failure each.
 */
export default class TestSummary implements Reporter {
  onTestRunStart(specifications: readonly TestSpecification[]): void {
    if (!specifications.some(({ project }) => project.name === "integration")) return;
    const { engine, why } = chooseEngine();
    process.stdout.write(`Infrastructure: ${engine} (${why})\n`);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      if (module.errors().length > 0) failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed++;
        if (state === "failed") failed++;
      }
    }
    process.once("exit", () => process.stdout.write(`\n${passed} passed, ${failed} failed\n`));
  }
}
