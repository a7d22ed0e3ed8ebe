// Packs every package as it would be published and lets publint and attw judge the archive.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "wengert-packages-"));

for (const name of readdirSync("packages")) {
  await execute("pnpm", ["pack", "--pack-destination", folder], { cwd: join("packages", name) });
}
for (const archive of readdirSync(folder)) {
  const path = join(folder, archive);
  const judged = await Promise.allSettled([
    execute("publint", ["run", "--strict", path]),
    execute("attw", [path, "--profile", "esm-only", "--no-emoji"]),
  ]);
  for (const result of judged) {
    if (result.status === "rejected") {
      const { stdout, stderr } = result.reason as { stdout: string; stderr: string };
      console.error(`${archive}\n${stdout}${stderr}`);
      process.exitCode = 1;
    }
  }
}
rmSync(folder, { recursive: true });
