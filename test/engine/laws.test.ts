// The engine gives the reference's values and derivatives of every primitive and composite, where their laws are
// tested: in f64 to 1e-12, for the value, its tangent and its cotangents in one graph.

import { engineAgrees, type Subject } from "@wengert/autodiff/check";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compositeCases } from "../laws/composite-cases.ts";
import { primitiveCases } from "../laws/primitive-cases.ts";
import { engine } from "./programs.ts";

const numRuns = Number(process.env["RUNS"] ?? 4);
const agrees = engineAgrees(engine);

const cases = Object.entries({ ...compositeCases, ...primitiveCases }).flatMap(([name, each]) =>
  "samples" in each ? [[name, each] as const] : [],
);

test.each(cases)("%s: value and derivatives are the reference's", async (name, each) => {
  expect.hasAssertions();
  await fc.assert(
    fc.asyncProperty(each.samples, fc.nat(1e6), async ({ inputs, attributes }, seed) => {
      const subject: Subject = {
        name,
        inputs,
        fixed: each.fixed ?? [],
        f: (...operands) => each.f(operands, attributes),
      };
      await expect(agrees(subject, seed)).resolves.toBeUndefined();
    }),
    { numRuns },
  );
});
