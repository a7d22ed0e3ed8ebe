// `pnpm run scale`: how time grows with the size of a graph, stage by stage, for chains, for one node with many
// consumers, and for one concat of many parts. Doubling the size should take about twice the time.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  add,
  check,
  concat,
  fromJSON,
  graph,
  input,
  interpret,
  mul,
  optimise,
  parse,
  print,
  rebuild,
  reshape,
  sum,
  tanh,
  toJSON,
  type Tensor,
} from "@wengert/tensor";
import { gradient } from "@wengert/autodiff";
import { formatTable } from "@wengert/models";

const repetitions = 5;
const x = input("x", [4], { dtype: "f64" });
const values = { x: [0.1, 0.2, 0.3, 0.4] };

/** A chain of nodes, each of which depends on the one before. */
function chain(length: number): Tensor {
  let last: Tensor = x;
  for (let i = 0; i < length; i++)
    last = i % 3 === 0 ? tanh(last) : i % 3 === 1 ? mul(last, x) : add(last, x);
  return last;
}

/** A node with so many consumers. */
function multiple(consumers: number): Tensor {
  let last: Tensor = x;
  for (let i = 0; i < consumers; i++) last = add(last, x);
  return last;
}

/** One concat of so many parts. */
function parts(count: number): Tensor {
  return concat(
    Array.from({ length: count }, (_, i) => reshape(mul(x, i), [4, 1])),
    1,
  );
}

interface Family {
  readonly title: string;
  readonly build: (size: number) => Tensor;
  readonly sizes: readonly number[];
}

const families: readonly Family[] = [
  { title: "a chain of nodes", build: chain, sizes: [12_500, 25_000, 50_000, 100_000] },
  { title: "one node with many consumers", build: multiple, sizes: [12_500, 25_000, 50_000, 100_000] },
  { title: "one concat of many parts", build: parts, sizes: [1250, 2500, 5000, 10_000] },
];

/** Each stage with what it needs, which is made before the clock runs. */
function stagesOf(build: (size: number) => Tensor, size: number): Readonly<Record<string, () => unknown>> {
  const last = build(size);
  const document = graph(last);
  const text = print(document);
  const json = JSON.stringify(toJSON(document));
  const program = interpret(document);
  return {
    build: () => build(size),
    differentiate: () => gradient(sum(last), x),
    linearise: () => graph(last),
    check: () => check(document),
    print: () => print(document),
    parse: () => parse(text),
    "to JSON": () => JSON.stringify(toJSON(document)),
    "from JSON": () => fromJSON(JSON.parse(json)),
    optimise: () => optimise(document),
    rebuild: () => rebuild(document),
    interpret: () => interpret(document),
    run: () => program.run(values),
  };
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** The median times of one stage at every size, after one run to warm up; sizes take turns, so that all drift alike. */
function medians(runs: readonly (() => unknown)[]): readonly number[] {
  const times = runs.map(() => new Array<number>());
  collect();
  for (let i = 0; i <= repetitions; i++) {
    for (const [place, run] of runs.entries()) {
      const began = performance.now();
      run();
      if (i > 0) times[place]?.push(performance.now() - began);
    }
  }
  return times.map((samples) => samples.sort((a, b) => a - b)[Math.floor(repetitions / 2)] ?? Number.NaN);
}

for (const { title, build, sizes } of families) {
  const columns = sizes.map((size) => stagesOf(build, size));
  const rows = Object.keys(columns[0] ?? {}).map((stage) => {
    const times = medians(columns.map((stages) => stages[stage] ?? (() => undefined)));
    const ratios = times.slice(1).map((time, i) => (time / (times[i] ?? Number.NaN)).toFixed(2));
    return [stage, ...times.map((time) => time.toFixed(1)), ...ratios];
  });
  const header = [title, ...sizes.map((size) => `${size / 1000}k ms`), ...sizes.slice(1).map(() => "×")];
  console.log(`${formatTable(header, rows)}\n`);
}
