import { chmodSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chooseEngine } from "../src/index.ts";

/** What is chosen where `docker` is this shell script, or is not there at all. */
function choiceWith(docker: string | undefined, env: Record<string, string> = {}) {
  using folder = mkdtempDisposableSync(join(tmpdir(), "greenlane-engine-"));
  if (docker !== undefined) {
    const program = join(folder.path, "docker");
    writeFileSync(program, `#!/bin/sh\n${docker}\n`);
    chmodSync(program, 0o755);
  }
  return chooseEngine({ PATH: folder.path, ...env });
}

test("servers come from Docker where its engine answers", () => {
  expect(choiceWith("exit 0")).toEqual({ engine: "docker", why: "a Docker engine answers" });
});

test("servers are local processes where no Docker engine answers", () => {
  expect(choiceWith("exit 1")).toEqual({ engine: "local", why: "no Docker engine answers" });
  expect(choiceWith(undefined)).toEqual({ engine: "local", why: "no Docker engine answers" });
});

test("servers are local processes where Docker cannot compose", () => {
  const choice = choiceWith('test "$1" != compose');
  expect(choice).toEqual({ engine: "local", why: "a Docker engine answers, but docker has no compose plugin" });
});

test("INFRA decides, whatever answers", () => {
  expect(choiceWith("exit 0", { INFRA: "local" })).toEqual({ engine: "local", why: "INFRA=local" });
  expect(choiceWith(undefined, { INFRA: "docker" })).toEqual({ engine: "docker", why: "INFRA=docker" });
});

test("an INFRA that is neither is refused by name", () => {
  expect(() => choiceWith(undefined, { INFRA: "podman" })).toThrow("INFRA must be docker or local, not podman");
});
