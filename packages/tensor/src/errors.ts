// The five classes of error and the one way to write them: `<op or stage>: <rule in words>, got <actual>`,
// then context lines with the user's names, then a remedy. A broken invariant of our own is a `bug:`.

/** What may follow the first line of an error. */
export interface ErrorDetails {
  /** Lines that name the operands or the place, such as `left   images  [32, 784]  input`. */
  readonly context?: readonly string[];
  /** What to do instead. */
  readonly help?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

function compose(rule: string, details: ErrorDetails): string {
  const lines = [rule, ...(details.context ?? []).map((line) => `  ${line}`)];
  if (details.help !== undefined) lines.push(`  help   ${details.help}`);
  return lines.join("\n");
}

class WengertError extends Error {
  /** The first line, without context and help. */
  readonly rule: string;
  /** The lines that name operands or places. */
  readonly context: readonly string[];
  /** The remedy, where there is one. */
  readonly help: string | undefined;

  constructor(rule: string, details: ErrorDetails = {}) {
    super(compose(rule, details), details.cause === undefined ? {} : { cause: details.cause });
    this.rule = rule;
    this.context = details.context ?? [];
    this.help = details.help;
  }
}

/** Shapes, axes or dtypes of operands do not fit; raised while the graph is built. */
export class ShapeError extends WengertError {
  override readonly name: string = "ShapeError";
}

/** A graph or a graph document is not well formed. */
export class GraphError extends WengertError {
  override readonly name: string = "GraphError";
}

/** A derivative was asked for that does not exist, or a derivative rule returned something that does not fit. */
export class DerivativeError extends WengertError {
  override readonly name: string = "DerivativeError";
}

/** A graph cannot be compiled. */
export class CompileError extends WengertError {
  override readonly name: string = "CompileError";
}

/** Values, files or options that a caller handed over are unusable; nothing was changed. */
export class InputError extends WengertError {
  override readonly name: string = "InputError";
}

/** An error that reports a broken invariant of this library, with how to reproduce it. */
export function bug(what: string, reproduce: string): Error {
  return new GraphError(`bug: ${what}`, { help: `please report this with: ${reproduce}` });
}
