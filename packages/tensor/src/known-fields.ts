// Options with a misspelt name would be ignored without a word: this refuses them.

import { InputError } from "./errors.ts";
import { shownValue } from "./shown-value.ts";

/** Refuses what is no record, and one with other fields than those; none at all is well. @throws InputError that names the first one. */
export function requireKnownFields(
  stage: string,
  record: object | undefined,
  known: readonly string[],
): void {
  if (record === undefined) return;
  const help = `options are ${known.join(", ")}`;
  if (typeof record !== "object" || (record as unknown) === null || Array.isArray(record))
    throw new InputError(`${stage}: options are an object, got ${shownValue(record)}`, { help });
  const stray = Object.keys(record).find((field) => !known.includes(field));
  if (stray !== undefined) throw new InputError(`${stage}: there is no option ${stray}`, { help });
}
