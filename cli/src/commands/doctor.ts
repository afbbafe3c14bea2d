import type { Command } from "commander";
import { withJson } from "../arguments.ts";
import { CHECKS, type Finding, find } from "../checks.ts";
import { readConfig } from "../config.ts";
import { Failure } from "../failures.ts";
import { escaped } from "../format/escape.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

interface Named extends Finding {
  name: string;
}

export function addDoctor(program: Command, terminal: Terminal): void {
  withJson(program.command("doctor"), {
    example: "doctor",
    json: "{ok, checks: [{name, ok, version|null, latency_ms|null, detail, advice|null}]}",
  })
    .description("asks each server and service how it is, and says what to do about what fails")
    .action(async (options: JsonOption) => {
      const config = readConfig(terminal.env);
      const findings = await Promise.all(
        CHECKS.map(async (check) => ({ name: check.name, ...(await find(check, config)) })),
      );
      const failing = findings.filter(({ ok }) => !ok);
      const json = { ok: failing.length === 0, checks: findings.map(asJson) };
      await answer(terminal, options, json, () => findings.map(asText).join(""));
      if (failing.length > 0) throw new Failure(`${failing.length} of ${findings.length} checks fail`);
    });
}

const asJson = ({ name, ok, version, latencyMs, detail, advice }: Named) => ({
  name,
  ok,
  version: version ?? null,
  latency_ms: latencyMs === undefined ? null : Math.round(latencyMs * 10) / 10,
  detail,
  advice: advice ?? null,
});

const NAME_WIDTH = Math.max(...CHECKS.map(({ name }) => name.length));

function asText({ name, ok, version, latencyMs, detail, advice }: Named): string {
  const latency = latencyMs === undefined ? "" : `${latencyMs.toFixed(1)} ms`;
  const said = [version, detail].filter((part) => part !== undefined).join(" ");
  const line = `${ok ? "ok  " : "FAIL"}  ${name.padEnd(NAME_WIDTH)}  ${latency.padStart(10)}  ${escaped(said)}\n`;
  return advice === undefined ? line : `${line}${" ".repeat(NAME_WIDTH + 20)}→ ${escaped(advice)}\n`;
}
