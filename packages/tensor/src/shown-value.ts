// How errors write what was given: as JSON, but NaN and ∞ by their names, which JSON would call null.

/** The value as text; `none` for what is not there. */
export function shownValue(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (value === undefined || typeof value === "function") return "none";
  if (Array.isArray(value)) return `[${value.map((each) => shownValue(each)).join(",")}]`;
  return JSON.stringify(value);
}
