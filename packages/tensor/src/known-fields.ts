// Options with a misspelt name would be ignored without a word: this refuses them.

import { InputError } from "./errors.ts";
import { isRecord, shownValue } from "./shown-value.ts";

/** Refuses what is no record, and one with other fields than those; none at all is well. @throws InputError that names the first one. */
export function requireKnownFields(
  stage: string,
  record: object | undefined,
  known: readonly string[],
): void {
  if (record === undefined) return;
  const help = (): string => `options are ${known.join(", ")}`;
  if (!isRecord(record))
    throw new InputError(`${stage}: options are an object, got ${shownValue(record)}`, { help: help() });
  for (const field of Object.keys(record))
    if (!known.includes(field))
      throw new InputError(`${stage}: there is no option ${field}`, { help: help() });
}
