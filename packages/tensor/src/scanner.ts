// Reading text piece by piece, with the line and column for errors.

import { GraphError } from "./errors.ts";

/** A place in a text. */
export interface Scanner {
  /** Skips blanks and takes what the pattern (sticky) matches here, or nothing. */
  take(pattern: RegExp): string | undefined;
  /** As `take`. @throws GraphError that says what was expected. */
  expect(pattern: RegExp, what: string): string;
  /** An error at the present place. */
  fail(expected: string): never;
  readonly atEnd: boolean;
}

/** A scanner of one line, whose number errors show. */
export function scanLine(text: string, line: number): Scanner {
  let at = 0;
  const skip = (): void => {
    while (text[at] === " " || text[at] === "\t") at++;
    if (text[at] === "#") at = text.length;
  };
  const take = (pattern: RegExp): string | undefined => {
    skip();
    const sticky = new RegExp(pattern.source, "y");
    sticky.lastIndex = at;
    const match = sticky.exec(text);
    if (match === null) return undefined;
    at = sticky.lastIndex;
    return match[0];
  };
  const fail = (expected: string): never => {
    skip();
    const got = at >= text.length ? "the end of the line" : JSON.stringify(text.slice(at, at + 20));
    throw new GraphError(`parse: line ${line}, column ${at + 1}: expected ${expected}, got ${got}`);
  };
  return {
    take,
    fail,
    expect: (pattern, what) => take(pattern) ?? fail(what),
    get atEnd() {
      skip();
      return at >= text.length;
    },
  };
}
