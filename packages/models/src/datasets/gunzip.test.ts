// gunzip: what was packed comes back, what is not gzip passes, and a damaged file is refused.

import { gzipSync } from "node:zlib";
import { InputError } from "@wengert/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { gunzip, isGzip } from "./gunzip.ts";

test("gunzip: unpacks what was packed, from the middle of a buffer too", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
      const file = new Uint8Array([7, ...gzipSync(bytes)]).subarray(1);
      expect(isGzip(file)).toBe(true);
      expect(await gunzip(file)).toEqual(bytes);
    }),
  );
});

test.each([[[]], [[0x1f]], [[0x1f, 0x8a, 8]], [[0x1e, 0x8b, 8]], [[0, 0, 8, 3]]])(
  "gunzip: passes %j on, which is not gzip",
  async (list) => {
    const bytes = Uint8Array.from(list);
    expect(isGzip(bytes)).toBe(false);
    expect(await gunzip(bytes)).toBe(bytes);
  },
);

const bytes = Uint8Array.from({ length: 400 }, (_, i) => (i * i) >> 3);
const file = new Uint8Array(gzipSync(bytes));
const message = "f: the gzip file must be whole, got one that is truncated or damaged";

test("gunzip: refuses a file cut anywhere after its magic bytes", async () => {
  for (let length = 2; length < file.length; length++) {
    await expect(gunzip(file.subarray(0, length), "f"), `cut to ${length}`).rejects.toThrow(message);
  }
});

test("gunzip: refuses bytes after the end, and a checksum or a length that does not fit", async () => {
  await expect(gunzip(Uint8Array.of(...file, 1, 2), "f")).rejects.toThrow(message);
  for (let back = 1; back <= 8; back++) {
    const damaged = file.with(-back, (file.at(-back) ?? 0) ^ 1);
    await expect(gunzip(damaged, "f"), `${back} from the end`).rejects.toThrow(message);
  }
});

test("gunzip: gives the bytes or an InputError, whichever bit is wrong", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 1), fc.nat(7), async (at, bit) => {
      const damaged = file.with(at, (file[at] ?? 0) ^ (1 << bit));
      const result = await gunzip(damaged, "f").catch((error: unknown) => error);
      if (result instanceof InputError) expect(result.message).toBe(message);
      // A flag, a time stamp or the padding may change without changing what is packed; without magic it is no gzip.
      else expect(result).toEqual(isGzip(damaged) ? bytes : damaged);
    }),
  );
});
