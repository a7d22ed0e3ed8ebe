// Reading a line of text piece by piece, with the line and the column for errors.

import { GraphError } from "./errors.ts";

/** A place in a line. Patterns are sticky (`/…/y`): they match here or not at all. */
export interface Scanner {
  /** Skips blanks and comments, and takes what the pattern matches, or nothing. */
  take(pattern: RegExp): string | undefined;
  /** As `take`. @throws GraphError that says what was expected. */
  expect(pattern: RegExp, what: string): string;
  /** An error at the present place. */
  fail(expected: string): never;
  /** Whether the next character is the given one; nothing is taken. */
  nextIs(character: string): boolean;
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
    const place = pattern;
    place.lastIndex = at;
    const match = place.exec(text);
    if (match === null) return undefined;
    at += match[0].length;
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
    nextIs(character) {
      skip();
      return text[at] === character;
    },
    expect: (pattern, what) => take(pattern) ?? fail(what),
    get atEnd() {
      skip();
      return at >= text.length;
    },
  };
}
