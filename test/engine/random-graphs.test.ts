// Random graphs on the engine: to the bit where every step is exact, else within what rounding makes of the graph.
// scripts/fuzz.ts tries the same laws for longer.

import fc from "fast-check";
import { expect, test } from "vitest";
import { graphLaws, graphsOf } from "./graph-laws.ts";
import { describeGraph } from "./report.ts";

const numRuns = Number(process.env["RUNS"] ?? 120);

const laws = graphLaws.map((law) => [law.title, law] as const);

test.each(laws)("%s", async (_, law) => {
  expect.hasAssertions();
  await fc.assert(
    fc.asyncProperty(graphsOf(law), async (each) => {
      const problems = await law.problems(each);
      expect(problems.length === 0 ? "" : `${problems.join("\n")}\n${describeGraph(each)}`).toBe("");
    }),
    { numRuns: law.graphs.maxElements === undefined ? numRuns : Math.ceil(numRuns / 3) },
  );
});
