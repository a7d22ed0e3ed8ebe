// Options with a misspelt name would be ignored without a word: this refuses them.

import { InputError } from "@wengert/tensor";

/** Refuses a record with other fields than those. @throws InputError that names the first one. */
export function requireKnownFields(stage: string, record: object, known: readonly string[]): void {
  const stray = Object.keys(record).find((field) => !known.includes(field));
  if (stray === undefined) return;
  throw new InputError(`${stage}: there is no option ${stray}`, { help: `options are ${known.join(", ")}` });
}
