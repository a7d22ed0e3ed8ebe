// Arithmetic on addresses and counts, in 32-bit integers modulo 2^32; factors and amounts are constants.

import type { Code, Local } from "../wasm/code.ts";
import type { ValueType } from "../wasm/module.ts";

/** `value * factor`. */
export function scaled(code: Code, value: Local, factor: number): Local {
  if (factor === 1) return value;
  return factor === 0 ? code.i32(0) : code.op("i32.mul", value, code.i32(factor));
}

/** `value + amount`. */
export function moved(code: Code, value: Local, amount: number): Local {
  return amount === 0 ? value : code.op("i32.add", value, code.i32(amount));
}

/** The sum of all. */
export function total(code: Code, first: Local, ...others: readonly Local[]): Local {
  return others.reduce((sum, each) => code.op("i32.add", sum, each), first);
}

/** The smaller of two signed numbers. */
export function smaller(code: Code, a: Local, b: Local): Local {
  const isLess = code.op("i32.lt_s", a, b);
  return chosen(code, isLess, [a, b]);
}

/** `max(a - b, 0)`. */
export function excess(code: Code, a: Local, b: Local): Local {
  const isMore = code.op("i32.gt_s", a, b);
  return chosen(code, isMore, [code.op("i32.sub", a, b), code.i32(0)]);
}

/** `condition ? yes : no`. */
export function chosen(code: Code, condition: Local, [yes, no]: readonly [Local, Local]): Local {
  const result = code.local("i32");
  code.emit("local.get", yes);
  code.emit("local.get", no);
  code.emit("local.get", condition);
  code.emit("select");
  code.emit("local.set", result);
  return result;
}

/** `variable := variable + amount`. */
export function advance(code: Code, variable: Local, amount: number): void {
  if (amount === 0) return;
  code.emit("local.get", variable);
  code.emit("i32.const", amount);
  code.emit("i32.add");
  code.emit("local.set", variable);
}

/** `variable := variable + value`. */
export function add(code: Code, variable: Local, value: Local): void {
  change(code, "i32.add", variable, value);
}

/** `variable := variable - value`. */
export function subtract(code: Code, variable: Local, value: Local): void {
  change(code, "i32.sub", variable, value);
}

function change(code: Code, operation: "i32.add" | "i32.sub", variable: Local, value: Local): void {
  code.emit("local.get", variable);
  code.emit("local.get", value);
  code.emit(operation);
  code.emit("local.set", variable);
}

/** A new variable that begins with a value. */
export function variableFrom(code: Code, value: Local, type: ValueType = "i32"): Local {
  const variable = code.local(type);
  code.emit("local.get", value);
  code.emit("local.set", variable);
  return variable;
}

/** Runs the body `count` times, at least once; `count` is counted down to 0. */
export function countDown(code: Code, count: Local, body: () => void): void {
  code.emit("loop");
  body();
  code.emit("local.get", count);
  code.emit("i32.const", 1);
  code.emit("i32.sub");
  code.emit("local.tee", count);
  code.emit("br_if", 0);
  code.emit("end");
}

/** The same with the test before the body: the count may be 0. */
export function whileCountDown(code: Code, count: Local, body: () => void): void {
  whileNot0(code, count, () => {
    body();
    advance(code, count, -1);
  });
}

/** Runs the body, which changes the count, until the count is 0. */
export function whileNot0(code: Code, count: Local, body: () => void): void {
  code.emit("block");
  code.emit("loop");
  code.emit("local.get", count);
  code.emit("i32.eqz");
  code.emit("br_if", 1);
  body();
  code.emit("br", 0);
  code.emit("end");
  code.emit("end");
}

/** A pointer of a loop: where its first turn finds it, and the bytes from one turn to the next. */
export interface Walk {
  readonly from: Local;
  readonly step: number;
}

/**
 * Runs the body `count` times, while pointers go on; they end where the last turn found them. V8 needs the fewest
 * instructions, which counts where others use a half of the core, for a loop like this:
 * - Pointers go on before they are used. A sum has 32 bits, as V8 knows; a variable that a turn begins with it extends to
 *   64 first.
 * - A pointer that moves tells when all is done, so that nothing is counted: one that cannot come round to where it began,
 *   for addresses are modulo 2^32. `most` is what the count is at most.
 * - The test comes before the body. Sums of the body then leave the loop as what its turns begin with: V8 schedules an
 *   operation early, and keeps its operands in registers, only where nothing after the loop uses its result.
 */
export function walk<const Walks extends readonly Walk[]>(
  code: Code,
  { count, most }: { readonly count: Local; readonly most: number },
  walks: Walks,
  body: (pointers: { readonly [K in keyof Walks]: Local }) => void,
): { readonly [K in keyof Walks]: Local } {
  const pointers = walks.map(({ from, step }) => variableFrom(code, moved(code, from, -step)));
  const guide = walks.findIndex(({ step }) => step !== 0 && Math.abs(step) * most < 2 ** 32);
  const pointer = pointers[guide] ?? code.local("i32");
  const step = walks[guide]?.step ?? 1;
  const last = total(code, pointer, scaled(code, count, step));
  const all = pointers as { readonly [K in keyof Walks]: Local };
  code.emit("block");
  code.emit("loop");
  code.emit("local.get", pointer);
  code.emit("local.get", last);
  code.emit("i32.eq");
  code.emit("br_if", 1);
  for (const [i, each] of pointers.entries()) advance(code, each, walks[i]!.step);
  if (guide === -1) advance(code, pointer, 1);
  body(all);
  code.emit("br", 0);
  code.emit("end");
  code.emit("end");
  return all;
}

/** Calls a function that gives nothing. */
export function call(code: Code, name: string, ...operands: readonly Local[]): void {
  for (const operand of operands) code.emit("local.get", operand);
  code.emit("call", name);
}
