// The source files of the packages as text, for tests about the code itself.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The folder of the repository. */
export const root: string = join(import.meta.dirname, "..");

/** The text of a file, named from the root. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The names of the packages: `tensor`, `autodiff` … */
export const packages: readonly string[] = readdirSync(join(root, "packages")).filter((name) =>
  existsSync(join(root, "packages", name, "package.json")),
);

/** Paths from the root of every file below a folder whose name ends so, in order; none when it does not exist. */
export function filesIn(folder: string, end: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(end) && !file.includes("node_modules"))
    .map((file) => `${folder}/${file}`)
    .toSorted();
}

/** The sources of a package, tests included. */
export const filesOf = (name: string): string[] => filesIn(`packages/${name}/src`, ".ts");

export const isTest = (path: string): boolean => /\.test(-d)?\.ts$/.test(path);

/** What a module imports or re-exports, in order: specifiers as they are written. */
export function importsOf(source: string): string[] {
  const statements = /^(?:import\b[^;"]*?|export\b[^;"]*?\bfrom\s*)"([^"]+)"|\bimport\("([^"]+)"\)/gm;
  return [...withoutComments(source).matchAll(statements)].map(([, from, dynamic]) => from ?? dynamic ?? "");
}

/** The code with its comments blanked; lines keep their numbers. */
export function withoutComments(source: string): string {
  const pieces = /\/\*[\s\S]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
  return source.replaceAll(pieces, (piece) =>
    piece.startsWith("/") ? piece.replaceAll(/[^\n]/g, " ") : piece,
  );
}
