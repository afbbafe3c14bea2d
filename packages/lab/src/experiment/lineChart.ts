export interface LineChart {
  title: string;
  subtitle: string;
  xTitle: string;
  /** With its unit. */
  yTitle: string;
  lines: Line[];
  /** The clock at 0, min from midnight: x is then written as a time of day, else in hours. */
  startsAtMin: number | undefined;
}

export interface Line {
  name: string;
  /** (min, value), by the minute; no value is below 0. */
  points: [number, number][];
}

const WIDTH = 860;
const HEIGHT = 440;
const PLOT = { left: 72, right: WIDTH - 24, top: 96, bottom: HEIGHT - 56 };
/** Told apart by those who do not see all colours too: M. Okabe and K. Ito, "Color universal design" (2008). */
const COLOURS = ["#d55e00", "#e69f00", "#56b4e9", "#0072b2", "#009e73", "#cc79a7"];
const INK = "#1f2933";
const FAINT = "#6b7785";
const GRID = "#e4e9ee";

/** A line chart of values over time on a light ground, with a legend. SVG 1.1, without outside parts. */
export function lineChart({ title, subtitle, xTitle, yTitle, lines, startsAtMin }: LineChart): string {
  const greatestMin = Math.max(60, ...lines.flatMap(({ points }) => points.map(([minute]) => minute)));
  const yTicks = ticks(Math.max(0, ...lines.flatMap(({ points }) => points.map(([, value]) => value))));
  const top = yTicks.at(-1) as number;
  const x = (minute: number) => PLOT.left + (minute / greatestMin) * (PLOT.right - PLOT.left);
  const y = (value: number) => PLOT.bottom - (value / top) * (PLOT.bottom - PLOT.top);
  const rows = yTicks.map((value) => {
    const at = y(value).toFixed(1);
    const line = `<line x1="${PLOT.left}" y1="${at}" x2="${PLOT.right}" y2="${at}" stroke="${GRID}"/>`;
    return line + text(PLOT.left - 10, y(value) + 4, numeral(value, yTicks), { anchor: "end", colour: FAINT });
  });
  const columns = hourTicks(greatestMin).map((minute) => {
    const at = x(minute).toFixed(1);
    const mark = `<line x1="${at}" y1="${PLOT.bottom}" x2="${at}" y2="${PLOT.bottom + 5}" stroke="${FAINT}"/>`;
    return mark + text(x(minute), PLOT.bottom + 20, clock(minute, startsAtMin), { anchor: "middle", colour: FAINT });
  });
  const paths = lines.map(({ points }, n) => {
    const path = points.map(([minute, value]) => `${x(minute).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    return `<polyline points="${path}" fill="none" stroke="${colourOf(n)}" stroke-width="2" stroke-linejoin="round"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(`${title}: ${subtitle}`)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fcfdfd"/>`,
    text(PLOT.left, 30, title, { size: 17, weight: 600 }),
    text(PLOT.left, 50, subtitle, { colour: FAINT }),
    ...legend(lines),
    ...rows,
    ...columns,
    `<line x1="${PLOT.left}" y1="${PLOT.bottom}" x2="${PLOT.right}" y2="${PLOT.bottom}" stroke="${FAINT}"/>`,
    ...paths,
    text((PLOT.left + PLOT.right) / 2, HEIGHT - 14, xTitle, { anchor: "middle" }),
    `<g transform="translate(20 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)">${text(0, 0, yTitle, { anchor: "middle" })}</g>`,
    "</svg>\n",
  ].join("\n");
}

const colourOf = (line: number) => COLOURS[line % COLOURS.length] as string;

/** Width of a letter, nearly. */
const LETTER = 7;

function legend(lines: readonly Line[]): string[] {
  let at = PLOT.left;
  return lines.map(({ name }, n) => {
    const from = at;
    at += 26 + name.length * LETTER + 20;
    const mark = `<line x1="${from}" y1="72" x2="${from + 18}" y2="72" stroke="${colourOf(n)}" stroke-width="3"/>`;
    return mark + text(from + 26, 76, name);
  });
}

interface Style {
  anchor?: "middle" | "end";
  colour?: string;
  size?: number;
  weight?: number;
}

function text(x: number, y: number, words: string, { anchor, colour = INK, size, weight }: Style = {}): string {
  const style = Object.entries({ "text-anchor": anchor, "font-size": size, "font-weight": weight })
    .map(([name, value]) => (value === undefined ? "" : ` ${name}="${value}"`))
    .join("");
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${colour}"${style}>${escaped(words)}</text>`;
}

const escaped = (words: string) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Round numbers from 0 to one that is no less than the greatest value: four to eight of them. */
export function ticks(greatest: number): number[] {
  if (!(greatest > 0)) return [0, 1];
  const magnitude = 10 ** Math.floor(Math.log10(greatest));
  const step = [0.2, 0.25, 0.5, 1, 2].map((part) => part * magnitude).find((size) => greatest / size <= 6) as number;
  return Array.from({ length: Math.ceil(greatest / step) + 1 }, (_, n) => n * step);
}

/** As many digits as the steps need. */
function numeral(value: number, [, step = 1]: readonly number[]): string {
  const digits = Math.max(0, 1 - Math.floor(Math.log10(step)));
  return String(Number(value.toFixed(digits + 1)));
}

/** Whole hours, at most ten or so. */
function hourTicks(greatestMin: number): number[] {
  const hours = greatestMin / 60;
  const step = [1, 2, 3, 4, 6, 12].find((size) => hours / size <= 10) ?? 24;
  return Array.from({ length: Math.floor(hours / step) + 1 }, (_, n) => n * step * 60);
}

function clock(minute: number, startsAtMin: number | undefined): string {
  if (startsAtMin === undefined) return `${minute / 60}`;
  return `${String(((startsAtMin + minute) / 60) % 24).padStart(2, "0")}:00`;
}
