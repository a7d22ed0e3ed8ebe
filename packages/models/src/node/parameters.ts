// Parameters on disk. A file is complete or absent: bytes go to a temporary name beside it, are forced to the disk,
// and take the place of the old file in one step.

import { InputError, type Arrays } from "@wengert/tensor";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { decodeParameters, encodeParameters, type ParameterType } from "../encode-parameters.ts";

/**
 * Writes a record of arrays to a file. Whatever fails, an old file of that name stays whole.
 * @throws InputError when the file cannot be written.
 */
export async function saveParameters(path: string, record: Arrays): Promise<void> {
  const bytes = encodeParameters(record);
  const temporary = `${path}.${process.pid}.${performance.now().toString(36).replace(".", "")}.partial`;
  try {
    await writeDurably(temporary, bytes);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new InputError(`saveParameters: ${path} must be a file that can be written, got ${reason(cause)}`, {
      cause,
    });
  }
}

/**
 * The record that a file holds.
 * @param expected the types that the parameters must have, by name, such as a network's `parameters`
 * @throws InputError when the file cannot be read, was cut or changed, or holds other parameters.
 */
export async function loadParameters(
  path: string,
  expected?: Readonly<Record<string, ParameterType>>,
): Promise<Arrays> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new InputError(`loadParameters: ${path} must be a file that can be read, got ${reason(cause)}`, {
      cause,
    });
  });
  try {
    return decodeParameters(bytes, expected);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError(cause.rule.replace("decodeParameters", `loadParameters ${path}`), { cause });
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the new name itself durable; some systems cannot open a folder, and need not. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

function reason(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
}
