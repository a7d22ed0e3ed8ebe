// Rewrites the measured part of docs/performance.md, between its markers, and the picture beside it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Machine } from "./machine.ts";
import { type NetResult } from "./measure-nets.ts";
import { barChart } from "./picture.ts";
import { digits, distinct, markdownReport } from "./report.ts";

const picture = "![Milliseconds a training step of every network, by library](performance.svg)";
const docs = join(import.meta.dirname, "../docs");
const [begin, end] = ["<!-- measured: begin -->", "<!-- measured: end -->"];

/** The page with its measured part replaced. */
export function withMeasured(page: string, measured: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} before a ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${measured}\n\n${page.slice(to)}`;
}

/** Writes the page and the picture. */
export function writePage(machine: Machine, results: readonly NetResult[]): void {
  const path = join(docs, "performance.md");
  writeFileSync(
    path,
    withMeasured(readFileSync(path, "utf8"), `${picture}\n\n${markdownReport(machine, results)}`),
  );
  const groups = distinct(results.map(({ net }) => net)).map((net) => ({
    title: `Net ${net}`,
    bars: results
      .filter((each) => each.net === net)
      .map(({ title, time, ours }) => ({
        label: title,
        value: time.median,
        shown: `${digits(time.median)} ms`,
        strong: ours,
      })),
  }));
  writeFileSync(join(docs, "performance.svg"), barChart("Milliseconds a training step, logarithmic", groups));
}
