// Random graphs on the engine: to the bit where every step is exact, else within what rounding makes of the graph.

import { interpret, optimise, type Arrays } from "@wengert/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { engineGraph, type EngineGraph } from "../arbitraries/engine-graph.ts";
import { labelled } from "./perturbed.ts";
import { describeGraph } from "./report.ts";
import { unexplained } from "./spread.ts";
import { differences, engine, programOf, standardEngine } from "./programs.ts";

const numRuns = Number(process.env["RUNS"] ?? 150);

/** A property of random graphs; a failure prints the smallest graph and its values. */
function graphs(cases: fc.Arbitrary<EngineGraph>, law: (each: EngineGraph) => Promise<readonly string[]>) {
  return fc.assert(
    fc.asyncProperty(cases, async (each) => {
      const problems = await law(each);
      expect(problems.length === 0 ? "" : `${problems.join("\n")}\n${describeGraph(each)}`).toBe("");
    }),
    { numRuns },
  );
}

async function runsAlike(
  { document, inputs, parameters }: EngineGraph,
  on = engine,
): Promise<readonly string[]> {
  const values: Arrays = { ...inputs, ...parameters };
  const wanted = interpret(document).run(values);
  const found = (await programOf(document, { on })).run(values);
  return [...differences(found.outputs, wanted.outputs), ...differences(found.updates, wanted.updates)];
}

describe("graphs of exact steps", () => {
  const exact = engineGraph({ exact: true });

  test("give the same bits as the reference evaluator", async () => {
    expect.hasAssertions();
    await graphs(exact, (each) => runsAlike(each));
  });

  test("give the same bits with standard instructions alone", async () => {
    expect.hasAssertions();
    await graphs(exact, (each) => runsAlike(each, standardEngine));
  });

  test("keep residents whose states and outputs are those of the reference evaluator, step by step", async () => {
    expect.hasAssertions();
    await graphs(exact, async ({ document, inputs, parameters }) => {
      const [found, wanted] = [await programOf(document), interpret(document)].map((program) =>
        program.bind(parameters),
      );
      const problems: string[] = [];
      for (let step = 0; step < 3; step++) {
        problems.push(...differences(found!.run(inputs), wanted!.run(inputs)));
        problems.push(...differences(found!.state(), wanted!.state()));
      }
      return problems;
    });
  });
});

describe("graphs of all steps", () => {
  const any = engineGraph();

  async function explained(
    { document, inputs, parameters }: EngineGraph,
    on = engine,
  ): Promise<readonly string[]> {
    const values: Arrays = { ...inputs, ...parameters };
    const { outputs, updates } = (await programOf(document, { on })).run(values);
    return unexplained(labelled(outputs, updates), document, values);
  }

  test("give what rounding explains", async () => {
    expect.hasAssertions();
    await graphs(any, (each) => explained(each));
  });

  test("give what rounding explains with standard instructions alone", async () => {
    expect.hasAssertions();
    await graphs(any, (each) => explained(each, standardEngine));
  });

  test("give the same bits whether they are optimised before or not", async () => {
    expect.hasAssertions();
    await graphs(any, async ({ document, inputs, parameters }) => {
      const values: Arrays = { ...inputs, ...parameters };
      const [plain, optimised] = [await programOf(document), await programOf(optimise(document))];
      const [a, b] = [plain.run(values), optimised.run(values)];
      return [...differences(a.outputs, b.outputs), ...differences(a.updates, b.updates)];
    });
  });
});
