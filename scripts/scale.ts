// `pnpm run scale`: how time grows with the length of a chain, stage by stage. Doubling the chain should take about
// twice the time, and nothing may overflow.

import {
  add,
  check,
  evaluate,
  fromJSON,
  graph,
  input,
  mul,
  optimise,
  parse,
  print,
  sum,
  tanh,
  toJSON,
  type Graph,
  type Tensor,
} from "@wengert/tensor";
import { gradient } from "@wengert/autodiff";
import { formatTable } from "@wengert/models";

const lengths = [12_500, 25_000, 50_000, 100_000];
const repetitions = 5;

/** A chain of `length` nodes of which each depends on the one before. */
function chain(length: number): { x: Tensor; last: Tensor } {
  const x = input("x", [4], { dtype: "f64" });
  let last: Tensor = x;
  for (let i = 0; i < length; i++) last = i % 3 === 0 ? tanh(last) : i % 3 === 1 ? mul(last, x) : add(last, x);
  return { x, last };
}

const values = { x: [0.1, 0.2, 0.3, 0.4] };
const stages: readonly (readonly [string, (length: number) => () => unknown])[] = [
  ["build", (length) => () => chain(length)],
  ["differentiate", (length) => later(chain(length), ({ x, last }) => gradient(sum(last), x))],
  ["linearise", (length) => later(chain(length).last, (last) => graph(last))],
  ["check", (length) => later(document(length), check)],
  ["print", (length) => later(document(length), (each) => print(each))],
  ["parse", (length) => later(print(document(length)), (text) => parse(text))],
  ["to JSON", (length) => later(document(length), (each) => JSON.stringify(toJSON(each)))],
  ["from JSON", (length) => later(JSON.stringify(toJSON(document(length))), (text) => fromJSON(JSON.parse(text)))],
  ["optimise", (length) => later(document(length), optimise)],
  ["evaluate", (length) => later(chain(length).last, (last) => evaluate(last, values))],
];

function later<T>(prepared: T, run: (prepared: T) => unknown): () => unknown {
  return () => run(prepared);
}

function document(length: number): Graph {
  return graph(chain(length).last);
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

const header = ["stage", ...lengths.map((length) => `${length / 1000}k ms`), "×", "×", "×"];
const rows = stages.map(([name, prepare]) => {
  const times = lengths.map((length) => {
    const run = prepare(length);
    run();
    const samples = Array.from({ length: repetitions }, () => {
      const began = performance.now();
      run();
      return performance.now() - began;
    });
    return median(samples);
  });
  const ratios = times.slice(1).map((time, i) => (time / (times[i] ?? Number.NaN)).toFixed(2));
  console.error(`  ${name} …`);
  return [name, ...times.map((time) => time.toFixed(1)), ...ratios];
});
console.log(formatTable(header, rows));
