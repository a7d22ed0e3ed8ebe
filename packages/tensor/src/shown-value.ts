// What callers without a type checker may hand over, and how errors write it: as JSON, but NaN and ∞ by their names, which
// JSON would call null, and what JSON has no words for.

/** How deep lists are shown; one may hold itself. */
const shownDepth = 8;

/** The value as text; `none` for what is not there. */
export function shownValue(value: unknown, depth = 0): string {
  if (value === undefined) return "none";
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" || typeof value === "symbol") return String(value);
  if (value instanceof Map || value instanceof Set) return value instanceof Map ? "a Map" : "a Set";
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (Array.isArray(value)) {
    if (depth === shownDepth) return "[…]";
    return `[${Array.from<unknown>(value)
      .map((each) => shownValue(each, depth + 1))
      .join(",")}]`;
  }
  try {
    return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
  } catch {
    // It holds itself, or refuses to be written.
    return "an object";
  }
}

/** True for a list whose items all fit. A place without one counts as `undefined`; `every` would pass it over. */
export function isListOf<T>(value: unknown, fits: (item: unknown) => item is T): value is T[];
export function isListOf(value: unknown, fits: (item: unknown) => boolean): value is unknown[];
export function isListOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && Array.from<unknown>(value).every(fits);
}

/** True for an object with fields: no list, and neither a Map nor a Set, which would read as an object without any. */
export function isRecord(value: unknown): value is object {
  const hasOther = Array.isArray(value) || value instanceof Map || value instanceof Set;
  return typeof value === "object" && value !== null && !hasOther;
}
