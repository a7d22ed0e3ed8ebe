// Reading a text line by line and piece by piece, with the line and the column for errors.

import { GraphError } from "./errors.ts";

/** A place in a text. Patterns are sticky (`/…/y`), match here or not at all, and never match a line's end. */
export interface Scanner {
  /** Goes to the first line, or the next one; false where there is none. */
  nextLine(): boolean;
  /** Skips blanks and comments, and takes what the pattern matches, or nothing. */
  take(pattern: RegExp): string | undefined;
  /** As `take`. @throws GraphError that says what was expected. */
  expect(pattern: RegExp, what: string): string;
  /** Whether the next character is the given one; nothing is taken. */
  nextIs(character: string): boolean;
  /** Whether nothing but blanks and a comment is left of the line. */
  atEnd(): boolean;
  /** An error at the present place. */
  fail(expected: string): never;
}

/** A scanner before the first line of a text. One serves the whole text: closures for each line would cost more. */
export function scan(text: string): Scanner {
  let [line, start, end, at] = [0, 0, -1, 0];
  const skip = (): number => {
    while (text[at] === " " || text[at] === "\t" || text[at] === "\r") at++;
    if (text[at] === "#") at = end;
    return at;
  };
  const take = (pattern: RegExp): string | undefined => {
    skip();
    const sticky = pattern;
    sticky.lastIndex = at;
    const match = sticky.exec(text);
    if (match === null) return undefined;
    at += match[0].length;
    return match[0];
  };
  const fail = (expected: string): never => {
    skip();
    throw unexpected(expected, text.slice(at, Math.min(end, at + 20)), line, at - start + 1);
  };
  return {
    nextLine() {
      if (end >= text.length) return false;
      line++;
      start = end + 1;
      at = start;
      const newline = text.indexOf("\n", start);
      end = newline < 0 ? text.length : newline;
      return true;
    },
    take,
    expect: (pattern, what) => take(pattern) ?? fail(what),
    nextIs: (character) => skip() < end && text[at] === character,
    atEnd: () => skip() >= end,
    fail,
  };
}

function unexpected(expected: string, rest: string, line: number, column: number): GraphError {
  const got = rest.trim() === "" ? "the end of the line" : JSON.stringify(rest.trimEnd());
  return new GraphError(`parse: line ${line}, column ${column}: expected ${expected}, got ${got}`);
}
