import type { Experiment } from "./experiment.ts";
import { lineChart } from "./lineChart.ts";
import { type Curves, curvesOf, meanCurve } from "./timeline.ts";

/** What is plotted, and under what name. */
const PLOTS: { curve: keyof Curves; title: string; yTitle: string }[] = [
  { curve: "waits", title: "Wait of those whose wait ended", yTitle: "min" },
  { curve: "queue", title: "Cars that wait", yTitle: "cars" },
  { curve: "load", title: "Load of all connectors", yTitle: "kW" },
  { curve: "price", title: "Price of energy", yTitle: "$/kWh" },
];

/** Charts of waits, queue lengths, load and price over time: a line a policy, in the mean of its runs. SVG by file name. */
export function plotsOf({ scenario, results }: Experiment): Map<string, string> {
  const curves = results.map(({ policy, runs }) => ({
    policy,
    curves: runs.map(({ run }) => curvesOf(run.timeline, scenario.stepMin)),
  }));
  const seeds = Math.max(...results.map(({ runs }) => runs.length));
  const charts = PLOTS.map(({ curve, title, yTitle }): [string, string] => {
    const lines = curves.map(({ policy, curves: own }) => {
      const { atMin, value } = meanCurve(own.map((each) => each[curve]));
      return { name: policy, points: atMin.map((minute, n): [number, number] => [minute, value[n] as number]) };
    });
    const subtitle = `${scenario.name}, mean of ${seeds} ${seeds === 1 ? "run" : "runs"}, ${scenario.stepMin}-minute steps`;
    const x = scenario.startsAtMin === undefined ? { title: "hours after the asking" } : { title: "time of day" };
    return [
      `${scenario.name}-${curve}.svg`,
      lineChart({ title, subtitle, xTitle: x.title, yTitle, lines, startsAtMin: scenario.startsAtMin }),
    ];
  });
  return new Map(charts);
}
