// The engines whose programs are measured, in one place.

import { wasmEngine, type WasmResident } from "@wengert/engine";
import { arrayFrom, referenceEngine, type Arrays, type Graph } from "@wengert/tensor";

/** How an engine is made: its threads (0 for the reference engine), and whether it may use V8's experimental flags. */
export interface EngineChoice {
  readonly threads: number;
  readonly turbo: boolean;
}

/** A program with its parameters and its inputs, which stay the same. */
export interface Bound {
  /** One run; it gives the first element of the output of that name. */
  readonly run: (output: string) => number;
}

/** What a benchmark needs of an engine. */
export interface MeasuredEngine {
  readonly about: string;
  readonly bind: (document: Graph, state: Arrays, inputs: Arrays) => Promise<Bound>;
  readonly close: () => void;
}

/** Reads the first element of an output: all of it, for a cost. */
function bound(run: () => Arrays): Bound {
  return { run: (output) => run()[output]?.data[0] ?? Number.NaN };
}

/** The inputs in the memory of the program, so that a run copies none of them, as peers do not. */
function inPlace(resident: WasmResident, inputs: Arrays, batch: number): Arrays {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => {
      const view = resident.inputView(name, { m: batch });
      (view.data as Float32Array).set(data);
      return [name, arrayFrom(view.data, shape)];
    }),
  );
}

/** The WebAssembly engine of so many threads, when all of them have started; or the reference engine. */
export async function startEngine({ threads, turbo }: EngineChoice): Promise<MeasuredEngine> {
  if (threads === 0) {
    return {
      about: "reference engine, 1 thread",
      async bind(document, state, inputs) {
        const resident = (await referenceEngine.compile(document)).bind(state);
        return bound(() => resident.run(inputs));
      },
      close: () => undefined,
    };
  }
  const engine = wasmEngine({ threads, turbo });
  await engine.ready();
  const { features } = engine.status();
  const words = [
    "WebAssembly engine",
    `${threads} thread${threads === 1 ? "" : "s"}`,
    features.relaxed ? "relaxed SIMD" : "SIMD",
    ...(features.wide ? ["V8's experimental 256-bit vectors"] : []),
  ];
  return {
    about: words.join(", "),
    async bind(document, state, inputs) {
      const resident = (await engine.compile(document)).bind(state);
      const given = inPlace(resident, inputs, inputs["X"]?.shape[1] ?? 1);
      return bound(() => resident.run(given, { views: true }));
    },
    close: () => engine.close(),
  };
}
