// A chart of horizontal bars on a logarithmic scale as SVG text, readable on light and on dark pages.
// A bar begins at the power of ten below the smallest value of its group, so that groups of any magnitude are legible.

/** One bar. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value as it is written beside the bar. */
  readonly shown: string;
  /** Whether it stands out. */
  readonly strong: boolean;
}

/** Bars that share a scale. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const width = 760;
const [left, right] = [190, 90];
const [rowHeight, barHeight, gap] = [20, 14, 44];
const plot = width - left - right;

const style = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 14px; }
  .group { font-weight: 600; }
  .tick { fill: #59636e; font-size: 10px; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .bar { fill: #8c959f; }
  .strong { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .tick { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .bar { fill: #656c76; }
    .strong { fill: #4493f8; }
  }`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** The powers of ten from below the smallest to above the largest value. */
function decades(values: readonly number[]): readonly number[] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  const from = Math.floor(Math.log10(Math.min(...positive)) - 0.3);
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...positive))));
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const powerText = (power: number): string =>
  power >= 0 ? (10 ** power).toLocaleString("en-US") : (10 ** power).toFixed(-power);

/** The lines of one group whose title stands at the given height. */
function groupLines({ title, bars }: BarGroup, top: number): readonly string[] {
  const powers = decades(bars.map(({ value }) => value));
  const [low, high] = [powers[0] ?? 0, powers.at(-1) ?? 1];
  const x = (value: number): number => left + (plot * (Math.log10(value) - low)) / (high - low);
  const bottom = top + 10 + rowHeight * bars.length;
  const grid = powers.flatMap((power) => {
    const at = x(10 ** power).toFixed(1);
    return [
      `<line class="grid" x1="${at}" y1="${top + 6}" x2="${at}" y2="${bottom}"/>`,
      `<text class="tick" x="${at}" y="${bottom + 12}" text-anchor="middle">${powerText(power)}</text>`,
    ];
  });
  const rows = bars.flatMap(({ label, value, shown, strong }, i) => {
    const y = top + 12 + rowHeight * i;
    const end = Math.max(left + 1, x(value));
    return [
      `<text x="${left - 8}" y="${y + 11}" text-anchor="end">${escaped(label)}</text>`,
      `<rect class="bar${strong ? " strong" : ""}" x="${left}" y="${y}" width="${(end - left).toFixed(1)}" height="${barHeight}" rx="2"/>`,
      `<text x="${(end + 6).toFixed(1)}" y="${y + 11}">${escaped(shown)}</text>`,
    ];
  });
  return [`<text class="group" x="8" y="${top}">${escaped(title)}</text>`, ...grid, ...rows];
}

/** The chart: groups one below the other, each with its own scale. */
export function barChart(title: string, groups: readonly BarGroup[]): string {
  const lines: string[] = [];
  let top = 56;
  for (const group of groups) {
    lines.push(...groupLines(group, top));
    top += rowHeight * group.bars.length + gap;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}\n</style>`,
    `<text class="title" x="8" y="24">${escaped(title)}</text>`,
    ...lines,
    "</svg>\n",
  ].join("\n");
}
