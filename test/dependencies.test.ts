// docs/dependencies.md names exactly what the package.json files name, with the installed version and licence.

import { expect, test } from "vitest";
import { packages, read } from "./sources.ts";

type Names = Readonly<Record<string, string>>;

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies?: Names;
  readonly devDependencies?: Names;
}

const manifestOf = (folder: string): Manifest => JSON.parse(read(`${folder}/package.json`)) as Manifest;

/** `name version licence` → the folders that depend on it. */
function declared(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const folder of [".", "docs", ...packages.map((name) => `packages/${name}`)]) {
    const { dependencies, devDependencies } = manifestOf(folder);
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
      if (name.startsWith("@wengert/")) continue;
      const { version, license } = manifestOf(`${folder}/node_modules/${name}`);
      const key = `${name} ${version} ${license}`;
      found.set(key, [...(found.get(key) ?? []), folder === "." ? "root" : folder]);
    }
  }
  return found;
}

test("the page of dependencies lists every dependency, its version, its licence and a reason", () => {
  const rows = read("docs/dependencies.md").matchAll(/^\| `(.+)` \| (.+) \| (.+) \| (.+) \| (.+) \|$/gm);
  const listed = [...rows].map(([, name, version, licence, folders]) => [
    `${name} ${version} ${licence}`,
    folders?.split(", ").toSorted(),
  ]);
  expect(Object.fromEntries(listed)).toEqual(
    Object.fromEntries([...declared()].map(([key, folders]) => [key, folders.toSorted()])),
  );
});
