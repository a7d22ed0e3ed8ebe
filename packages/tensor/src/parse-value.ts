// Reads the values that `printValue` writes: JSON, numbers with nan and inf, and arrays.

import { allocate, convertNumber, dtypes, isFloat, type DType } from "./dtype.ts";
import { deepest, makeArray, type NdArray } from "./ndarray.ts";
import { elements } from "./shape.ts";
import type { Scanner } from "./scanner.ts";
import { readNumber } from "./text-values.ts";

const arrayPattern = new RegExp(`(?:${dtypes.join("|")})(?=\\[)`, "y");
const numberPattern = /nan|-?(?:inf|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y;
const stringPattern = /"(?:[^"\\\n]|\\.)*"/y;
const literalPattern = /(?:true|false|null)\b/y;

/** A piece of punctuation: how it is found and how errors show it. */
export interface Mark {
  readonly pattern: RegExp;
  readonly text: string;
}

/** The marks of the text form by name. */
export const marks = {
  openList: { pattern: /\[/y, text: "[" },
  closeList: { pattern: /\]/y, text: "]" },
  openItems: { pattern: /\(/y, text: "(" },
  closeItems: { pattern: /\)/y, text: ")" },
  openRecord: { pattern: /\{/y, text: "{" },
  closeRecord: { pattern: /\}/y, text: "}" },
  comma: { pattern: /,/y, text: "," },
  colon: { pattern: /:/y, text: ":" },
  equals: { pattern: /=/y, text: "=" },
} as const satisfies Readonly<Record<string, Mark>>;

/** Takes a mark. */
export function expectMark(scanner: Scanner, { pattern, text }: Mark): void {
  scanner.expect(pattern, text);
}

/** The items between two marks, separated by commas. */
export function readList<T>(scanner: Scanner, open: Mark, close: Mark, read: () => T): T[] {
  expectMark(scanner, open);
  const items: T[] = [];
  if (scanner.take(close.pattern) !== undefined) return items;
  do items.push(read());
  while (scanner.take(marks.comma.pattern) !== undefined);
  scanner.expect(close.pattern, `, or ${close.text}`);
  return items;
}

/** A JSON string, or undefined where none stands here. */
export function takeString(scanner: Scanner): string | undefined {
  const text = scanner.take(stringPattern);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as string;
  } catch {
    return scanner.fail(`a JSON string instead of ${text}`);
  }
}

/** A value of an attribute. */
export function readValue(scanner: Scanner, depth = 0): unknown {
  if (depth > deepest) scanner.fail(`at most ${deepest} lists or records within each other`);
  const dtype = scanner.take(arrayPattern);
  if (dtype !== undefined) return readArray(scanner, dtype as DType);
  const text = takeString(scanner);
  if (text !== undefined) return text;
  const literal = scanner.take(literalPattern);
  if (literal !== undefined) return JSON.parse(literal) as unknown;
  const number = scanner.take(numberPattern);
  if (number !== undefined) return readNumber(number);
  if (scanner.nextIs("["))
    return Object.freeze(
      readList(scanner, marks.openList, marks.closeList, () => readValue(scanner, depth + 1)),
    );
  if (scanner.nextIs("{")) return readRecord(scanner, depth);
  return scanner.fail("a value");
}

function readRecord(scanner: Scanner, depth: number): unknown {
  const entries = readList(scanner, marks.openRecord, marks.closeRecord, () => {
    const key = takeString(scanner) ?? scanner.fail("a key in quotes");
    expectMark(scanner, marks.colon);
    return [key, readValue(scanner, depth + 1)] as const;
  });
  return Object.freeze(Object.fromEntries(entries));
}

function readArray(scanner: Scanner, dtype: DType): NdArray {
  const shape = readList(scanner, marks.openList, marks.closeList, () =>
    Number(scanner.expect(/\d+/y, "a size")),
  );
  const numbers = readList(scanner, marks.openItems, marks.closeItems, () => {
    const value = readNumber(scanner.expect(numberPattern, "a number"));
    if (!isFloat(dtype) && convertNumber(value, dtype) !== value)
      scanner.fail(`a number of ${dtype} instead of ${value}`);
    return value;
  });
  if (numbers.length !== elements(shape)) {
    scanner.fail(`${elements(shape)} numbers for shape [${shape.join(", ")}] instead of ${numbers.length}`);
  }
  const data = allocate(dtype, numbers.length);
  data.set(numbers);
  return makeArray(data, dtype, shape);
}
