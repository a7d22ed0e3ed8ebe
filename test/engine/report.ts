// A random graph in words that are enough to repeat it: the document and every value.

import { formatArray, print } from "@wengert/tensor";
import type { EngineGraph } from "../arbitraries/engine-graph.ts";

/** The document as text, and its values. */
export function describeGraph({ document, inputs, parameters }: EngineGraph): string {
  const values = Object.entries({ ...inputs, ...parameters }).map(
    ([name, value]) => `${name} = ${formatArray(value, { digits: 17, limit: 200 })}`,
  );
  return [print(document, { limit: 1000 }), ...values].join("\n");
}
