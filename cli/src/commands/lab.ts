import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  csvOf,
  type Estimate,
  type Experiment,
  estimateOf,
  experimentOf,
  herdScenario,
  type Measure,
  manhattanScenario,
  nycScenario,
  type PolicyResult,
  plotsOf,
  runsOf,
  type Scenario,
} from "@greenlane/lab";
import { type Command, InvalidArgumentError, Option } from "commander";
import { count, id, withJson } from "../arguments.ts";
import { type Column, table } from "../format/table.ts";
import { answer, type JsonOption, type Terminal } from "../terminal.ts";

const SCENARIOS = ["herd", "manhattan-day", "nyc-trips"] as const;

interface LabOptions extends JsonOption {
  scenario: (typeof SCENARIOS)[number];
  policy?: string[];
  seeds: number;
  cars: number;
  stations: number;
  connectors: number;
  customers: number;
  csv?: string;
  svg?: string;
}

export function addLab(program: Command, terminal: Terminal): void {
  withJson(program.command("lab"), {
    example: "lab --scenario herd --policy first-come,negotiated --seeds 10 --svg plots",
    json: "{scenario, seeds, results: [{policy, measures: {NAME: {mean, half_width}}}]}; half_width is half of the 95 % interval, null of a single run",
  })
    .description("tries policies in simulated time and compares what becomes of the cars")
    .addOption(new Option("--scenario <name>", "what is tried").choices(SCENARIOS).default("herd"))
    .option("--policy <names>", "these only, by comma (default: all)", names)
    .addOption(
      new Option("--seeds <n>", "how many runs of each, by seeds from 1 on").argParser(count(1, 1_000)).default(10),
    )
    .addOption(new Option("--cars <n>", "of a herd").argParser(count(1, 2_000)).default(100))
    .addOption(new Option("--stations <n>", "of a herd").argParser(count(1, 200)).default(10))
    .addOption(new Option("--connectors <n>", "of each station of a herd").argParser(count(1, 50)).default(2))
    .addOption(new Option("--customers <n>", "of a manhattan-day").argParser(count(1, 10_000)).default(3_000))
    .option("--csv <file>", "writes the measures of each run there", id)
    .option("--svg <directory>", "draws waits, queues, load and price over time there", id)
    .action(async (options: LabOptions, command: Command) => {
      const scenario = scenarioOf(options);
      const { policy: policies = [...scenario.policies] } = options;
      const unknown = policies.find((policy) => !scenario.policies.includes(policy));
      if (unknown !== undefined)
        command.error(`error: --policy: ${scenario.name} has no ${unknown}, but ${scenario.policies.join(", ")}`);
      const experiment = await experimentWith(scenario, policies, options.seeds, terminal);
      await answer(terminal, options, asJson(experiment, options.seeds), () => asText(experiment));
      if (options.csv !== undefined) await writeFile(options.csv, csvOf(experiment));
      if (options.svg !== undefined) await writePlots(options.svg, experiment);
    });
}

function names(text: string): string[] {
  const list = text.split(",").map((name) => name.trim());
  if (list.includes("")) throw new InvalidArgumentError("It must be names, by comma.");
  return [...new Set(list)];
}

function scenarioOf({ scenario, cars, stations, connectors, customers }: LabOptions): Scenario {
  switch (scenario) {
    case "herd":
      return herdScenario({ cars, stations, connectors });
    case "manhattan-day":
      return manhattanScenario(customers);
    case "nyc-trips":
      return nycScenario();
  }
}

/** A terminal is told how far it is. */
async function experimentWith(
  scenario: Scenario,
  policies: string[],
  seeds: number,
  { err }: Terminal,
): Promise<Experiment> {
  const runs = [];
  for (const run of runsOf(scenario, policies, seeds)) {
    runs.push(run);
    if (err.isTerminal) await err.write(`\r${runs.length} of ${seeds * policies.length} runs`);
  }
  if (err.isTerminal) await err.write("\r\x1b[K");
  return experimentOf(scenario, runs);
}

async function writePlots(directory: string, experiment: Experiment): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, svg] of plotsOf(experiment)) await writeFile(join(directory, name), svg);
}

const asJson = ({ scenario, results }: Experiment, seeds: number) => ({
  scenario: scenario.name,
  seeds,
  results: results.map((result) => ({
    policy: result.policy,
    measures: Object.fromEntries(
      scenario.measures.map(({ name }) => {
        const { mean, halfWidth } = estimateOf(result, name);
        return [name, { mean, half_width: Number.isNaN(halfWidth) ? null : halfWidth }];
      }),
    ),
  })),
});

function asText({ scenario, results }: Experiment): string {
  const columns: Column<PolicyResult>[] = [
    { title: "POLICY", cell: ({ policy }) => policy },
    ...scenario.measures.map((measure): Column<PolicyResult> => {
      return {
        title: measure.title,
        cell: (result) => cell(estimateOf(result, measure.name), measure),
        align: "right",
      };
    }),
  ];
  return table(columns, results);
}

/** The mean and half of the 95 % interval. */
function cell({ mean, halfWidth }: Estimate, { digits }: Measure): string {
  return Number.isNaN(halfWidth) ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${halfWidth.toFixed(digits)}`;
}
