// The coverage page says what the laws test.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./sources.ts";

test("docs/coverage.md is what the rules and the laws give", () => {
  const tsx = join(root, "node_modules/.bin/tsx");
  const run = spawnSync(tsx, ["--conditions=@wengert/source", "scripts/coverage.ts", "--check"], {
    cwd: root,
    encoding: "utf8",
  });
  expect([run.status, run.stderr]).toEqual([0, ""]);
});
