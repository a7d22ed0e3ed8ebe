// The ports of a program: where its inputs, parameters and outputs lie in a memory, as typed arrays. Those are made anew
// when the memory has grown.

import type { Slot } from "@wengert/compiler";
import {
  arrayFrom,
  bytesPerElement,
  copyArray,
  elements,
  type Arrays,
  type NdArray,
  type TypedArray,
} from "@wengert/tensor";
import { copyOut, view } from "./memory.ts";
import type { Loaded } from "./space.ts";

/** The ports of one program. */
export interface Ports {
  readonly loaded: Loaded;
  readonly memory: WebAssembly.Memory;
  feeds: ReadonlyMap<string, NdArray>;
  outputs: Arrays;
  /** The sizes of the dimensions that the program learns when it runs. */
  counts: readonly number[];
  /** That the arrays are views of. */
  buffer: ArrayBufferLike;
}

/** The ports of a program in a memory that is large enough for it. */
export function portsOf(loaded: Loaded, memory: WebAssembly.Memory): Ports {
  const counts = loaded.program.bounds.map(({ most }) => most);
  const ports = { loaded, memory, feeds: new Map(), outputs: {}, counts, buffer: memory.buffer };
  fill(ports);
  return ports;
}

/** Tells the program, which has just got its turn or has it, the sizes that it learns when it runs. */
export function setCounts(ports: Ports, counts: readonly number[]): void {
  const { loaded, memory } = ports;
  for (const [i, { address }] of loaded.program.bounds.entries())
    view(memory, "u32", { address, length: 1 })[0] = counts[i]!;
  const areNew = counts.some((count, i) => count !== ports.counts[i]);
  ports.counts = counts;
  if (areNew) fill(ports);
}

/** Makes the arrays anew when the memory has grown. */
export function refreshPorts(ports: Ports): void {
  if (ports.buffer !== ports.memory.buffer) fill(ports);
}

function fill(ports: Ports): void {
  const { memory, loaded } = ports;
  ports.buffer = memory.buffer;
  const arrayOf = (slot: Slot): NdArray => {
    const shape = shapeNow(ports, slot);
    const place = { address: slot.address, length: elements(shape) };
    return arrayFrom(view(memory, slot.dtype, place), shape);
  };
  const arraysOf = (slots: Readonly<Record<string, Slot>>): [name: string, array: NdArray][] =>
    Object.entries(slots).map(([name, slot]) => [name, arrayOf(slot)]);
  ports.feeds = new Map(arraysOf(loaded.program.feeds));
  ports.outputs = Object.freeze(Object.fromEntries(arraysOf(loaded.program.outputs)));
}

/** The shape of an array in this run: of its rows, the first ones. */
function shapeNow({ loaded, counts }: Ports, { shape }: Slot): readonly number[] {
  const bound = loaded.program.bounds.findIndex(({ most }) => most === shape[0]);
  return bound < 0 ? shape : shape.with(0, counts[bound]!);
}

function placeOf({ address, bytes, dtype }: Slot): { readonly address: number; readonly length: number } {
  return { address, length: bytes / bytesPerElement(dtype) };
}

/**
 * Writes the values of inputs or parameters; an array that lies there already stays.
 * @param options `inside`: what has been the storage of the ports' memory
 */
export function writeFeeds(
  { feeds }: Ports,
  names: readonly string[],
  { values, inside }: { readonly values: Arrays; readonly inside: WeakSet<ArrayBufferLike> },
): void {
  const moving: { readonly port: TypedArray; readonly data: TypedArray }[] = [];
  for (const name of names) {
    const { data } = values[name]!;
    const port = feeds.get(name)!.data;
    // Most often the very view that was handed out.
    if (data === port) continue;
    if (!inside.has(data.buffer)) moving.push({ port, data });
    // Of what lies elsewhere in this memory a copy, since it may be where another value is written first.
    else if (data.byteOffset !== port.byteOffset) moving.push({ port, data: copyArray(values[name]!).data });
  }
  for (const { port, data } of moving) port.set(data);
}

/** The outputs, as copies or as the ports themselves. */
export function readOutputs({ outputs }: Ports, asViews: boolean): Arrays {
  if (asViews) return outputs;
  return Object.fromEntries(Object.entries(outputs).map(([name, port]) => [name, copyArray(port)]));
}

/** Copies of parameters. */
export function readParameters({ loaded, memory }: Ports, names: readonly string[]): Arrays {
  return Object.fromEntries(
    names.map((name) => {
      const slot = loaded.program.feeds[name]!;
      return [name, arrayFrom(copyOut(memory, slot.dtype, placeOf(slot)), slot.shape)];
    }),
  );
}

/** Parameters in the arrays that an earlier call has made, or in new ones. */
export function savedParameters(ports: Ports, names: readonly string[], earlier: Arrays | undefined): Arrays {
  if (earlier === undefined) return readParameters(ports, names);
  for (const name of names) earlier[name]!.data.set(ports.feeds.get(name)!.data);
  return earlier;
}
