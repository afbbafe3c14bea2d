import { execFileSync } from "node:child_process";
import { globSync, mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));

/** The generator and its options, as `make proto` runs it. */
function protoCommand(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as {
    scripts: { proto: string };
  };
  return scripts.proto.split(" ");
}

function filesIn(folder: string): Record<string, string> {
  const names = globSync("**/*.ts", { cwd: folder }).toSorted();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

test("the committed types are what `make proto` generates from proto/fleet.proto", () => {
  using fresh = mkdtempDisposableSync(join(tmpdir(), "greenlane-proto-"));
  const [program = "", ...args] = protoCommand();
  const intoFresh = args.map((arg) => (arg.startsWith("--outDir=") ? `--outDir=${fresh.path}` : arg));
  execFileSync(join(REPOSITORY, "node_modules/.bin", program), intoFresh, { cwd: REPOSITORY, stdio: "pipe" });
  const generated = filesIn(fresh.path);
  expect(Object.keys(generated).length).toBeGreaterThan(0);
  expect(filesIn(join(REPOSITORY, "packages/contracts/src/generated"))).toEqual(generated);
});
