// Every graph that an example makes, on the engine: what examples build passes through `graph`, where it is caught.

import { join } from "node:path";
import {
  concreteShape,
  feedsOf,
  nodesOf,
  type Arrays,
  type Graph,
  type NdArray,
  type Sizes,
} from "@wengert/tensor";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type * as Original from "../../packages/tensor/src/graph.ts";
import { filesIn, root } from "../sources.ts";
import { filled, randomFrom } from "./elements.ts";
import { labelled } from "./perturbed.ts";
import { programOf } from "./programs.ts";
import { unexplained } from "./spread.ts";

const caught = vi.hoisted((): { documents: Graph[] } => ({ documents: [] }));

vi.mock("../../packages/tensor/src/graph.ts", async (original) => {
  const real = await original<typeof Original>();
  return {
    ...real,
    graph(...given: Parameters<typeof real.graph>): Graph {
      const document = real.graph(...given);
      caught.documents.push(document);
      return document;
    },
  };
});

/** Three examples where a graph takes any number. */
function sizesOf(document: Graph): Sizes {
  const names = nodesOf(document).flatMap(([, { shape }]) => shape.filter((dim) => typeof dim === "string"));
  return Object.fromEntries(names.map((name) => [name, 3]));
}

/** Numbers within the domain of every function that examples use. */
function valuesOf(document: Graph, sizes: Sizes): Arrays {
  const random = randomFrom(1);
  const feeds = { ...feedsOf(document, "input"), ...feedsOf(document, "parameter") };
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, shape }]): [string, NdArray] => [
      name,
      filled(dtype, concreteShape(shape, sizes), dtype === "f32" || dtype === "f64" ? random : () => 0),
    ]),
  );
}

const examples = filesIn("examples", ".ts");

describe("every graph of an example gives what rounding explains", () => {
  beforeEach(() => {
    caught.documents.length = 0;
    vi.spyOn(console, "log").mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each(examples)("%s", { timeout: 120_000 }, async (path) => {
    await import(/* @vite-ignore */ join(root, path));
    // Primitives of one's own have no code on an engine; the error says so.
    const own = caught.documents.filter(({ definitions }) => Object.keys(definitions).length > 0);
    for (const document of own.slice(0, 3))
      await expect(programOf(document)).rejects.toThrow("lowering, got none for");
    const documents = new Map(
      caught.documents.filter((each) => !own.includes(each)).map((each) => [JSON.stringify(each), each]),
    );
    expect(caught.documents.length).toBeGreaterThan(0);
    for (const document of [...documents.values()].slice(0, 40)) {
      const sizes = sizesOf(document);
      const values = valuesOf(document, sizes);
      const program = await programOf(document, { sizes });
      const { outputs, updates } = program.run(values, { sizes });
      expect(unexplained(labelled(outputs, updates), document, { values, sizes })).toEqual([]);
    }
  });
});
