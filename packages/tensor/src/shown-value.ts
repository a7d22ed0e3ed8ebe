// How errors write what was given: as JSON, but NaN and ∞ by their names, which JSON would call null, and what JSON has
// no words for.

/** The value as text; `none` for what is not there. */
export function shownValue(value: unknown): string {
  if (value === undefined) return "none";
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" || typeof value === "symbol") return String(value);
  if (Array.isArray(value)) return `[${value.map((each) => shownValue(each)).join(",")}]`;
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
}
