// The executable itself: what it does where its output is no longer read.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";

test("ends quietly when its reader has read enough", async () => {
  const options = ["--import", "tsx", "--conditions=@wengert/source", join(import.meta.dirname, "bin.ts")];
  const child = spawn(process.execPath, [...options, "compile", "--dump", "after:lower"]);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  child.stdout.once("data", () => child.stdout.destroy());
  const [code] = (await once(child, "close")) as [number];
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
}, 30_000);
