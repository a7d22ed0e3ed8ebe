// gzip through the streams of the platform, in Node and in browsers.

import { InputError } from "@wengert/tensor";

/** Whether the bytes begin like a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The bytes that a gzip file holds; bytes that are not gzip as they are.
 * @param place what errors call the file
 * @throws InputError when the file is truncated or damaged.
 */
export async function gunzip(bytes: Uint8Array, place = "gunzip"): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  try {
    // A copy, since a Blob takes no view of shared memory.
    const stream = new Blob([bytes.slice()]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw new InputError(`${place}: the gzip file must be whole, got one that is truncated or damaged`, {
      cause,
    });
  }
}
