// Options with a misspelt name would be ignored without a word: this refuses them.

import { InputError } from "./errors.ts";
import { shownValue } from "./shown-value.ts";

/** Refuses what is no record, and one with other fields than those. @throws InputError that names the first one. */
export function requireKnownFields(stage: string, record: object, known: readonly string[]): void {
  const help = `options are ${known.join(", ")}`;
  if (typeof record !== "object" || (record as unknown) === null)
    throw new InputError(`${stage}: options are an object, got ${shownValue(record)}`, { help });
  const stray = Object.keys(record).find((field) => !known.includes(field));
  if (stray !== undefined) throw new InputError(`${stage}: there is no option ${stray}`, { help });
}
