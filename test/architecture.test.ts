// The rules of the code that no type can hold: who may import whom, and the shape of a source file.

import { join, normalize } from "node:path";
import { expect, test } from "vitest";
import { filesIn, filesOf, importsOf, isTest, packages, read, withoutComments } from "./sources.ts";

/** Package → the packages that it may import. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  tensor: [],
  autodiff: ["tensor"],
  models: ["autodiff", "tensor"],
  compiler: ["tensor"],
  engine: ["compiler", "tensor"],
  cli: ["autodiff", "compiler", "engine", "models", "tensor"],
};

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly "@wengert/source": string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Where the file system and the process may be used; everything else runs in a browser. */
const nodeOnly = /^packages\/(models\/src\/node|cli\/src)\//;

/** Calls at the top level of a module: only those that repeat without effect. */
const allowedCalls = ["enablePatches()", "enableMapSet()"];

const sources = packages.flatMap(filesOf).filter((path) => !isTest(path));
const modules = new Map(sources.map((path) => [path, read(path)]));

/** The sources that offend, with what offends: empty when the rule holds. */
function offenders(find: (source: string, path: string) => readonly string[]): string[] {
  return [...modules].flatMap(([path, source]) => find(source, path).map((found) => `${path}: ${found}`));
}

test("packages import each other only along the arrows", () => {
  expect(Object.keys(arrows).toSorted()).toEqual([...packages].toSorted());
  const wrong = offenders((source, path) =>
    importsOf(source).filter((specifier) => {
      const [, target] = /^@wengert\/([\w-]+)/.exec(specifier) ?? [];
      const allowed = arrows[path.split("/")[1] ?? ""] ?? [];
      return target !== undefined && !allowed.includes(target);
    }),
  );
  expect(wrong).toEqual([]);
});

test("a package declares exactly the packages that it imports", () => {
  for (const name of packages) {
    const manifest = JSON.parse(read(`packages/${name}/package.json`)) as Manifest;
    const declared = Object.keys(manifest.dependencies ?? {}).filter((key) => key.startsWith("@wengert/"));
    const imported = [...modules].flatMap(([path, source]) =>
      path.startsWith(`packages/${name}/`) ? importsOf(source) : [],
    );
    const used = imported.flatMap((specifier) => /^@wengert\/[\w-]+/.exec(specifier) ?? []);
    expect(declared.toSorted(), name).toEqual([...new Set(used)].toSorted());
  }
});

test("no import leaves its package by a relative path", () => {
  const wrong = offenders((source, path) =>
    relativeImports(path, source).filter(
      (target) => !target.startsWith(path.split("/").slice(0, 3).join("/")),
    ),
  );
  expect(wrong).toEqual([]);
});

test("no modules of a package import each other in a circle", () => {
  const state = new Map<string, "open" | "done">();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === "open") circles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
    if (state.has(path)) return;
    state.set(path, "open");
    for (const next of relativeImports(path, valueImports(modules.get(path) ?? "")))
      visit(next, [...trail, path]);
    state.set(path, "done");
  };
  for (const path of modules.keys()) visit(path, []);
  expect(circles).toEqual([]);
});

test("only models/node and cli import from Node", () => {
  const wrong = offenders((source, path) =>
    nodeOnly.test(path) ? [] : importsOf(source).filter((specifier) => specifier.startsWith("node:")),
  );
  expect(wrong).toEqual([]);
});

test("a file begins with one to four lines that say what it is", () => {
  const wrong = offenders((source) => {
    const body = source.replace(/^#!.*\n/, "");
    const header = /^(?:\/\/ .*\n){1,4}(?!\/\/)/.test(body);
    const packageComment = /^\/\*\*(?:(?!\*\/)[\s\S])*@packageDocumentation/.test(body);
    return header || packageComment ? [] : ["no header"];
  });
  expect(wrong).toEqual([]);
});

test("a file has at most 400 lines, unless its header says that it is a pure table", () => {
  const length = (path: string): number => read(path).split("\n").length - 1;
  const isTable = (path: string): boolean =>
    /pure table/i.test(read(path).split("\n").slice(0, 4).join("\n"));
  const all = [...packages.flatMap(filesOf), ...filesIn("test", ".ts"), ...filesIn("docs/doc-tests", ".ts")];
  const authored = all.filter((path) => !path.includes("/generated/"));
  expect(authored.filter((path) => length(path) > 400 && !isTable(path))).toEqual([]);
});

test("exports are named, one by one", () => {
  const wrong = offenders((source) => withoutComments(source).match(/^export (?:\*|default).*/gm) ?? []);
  expect(wrong).toEqual([]);
});

test("modules do nothing when they are imported, and keep no state", () => {
  const wrong = offenders((source, path) => {
    if (path.endsWith("/cli/src/bin.ts")) return [];
    const lines = withoutComments(source).split("\n");
    const stateful = lines.filter((line) => /^(?:export )?(?:let|var)\b/.test(line));
    const statements = lines.filter((line) =>
      /^(?:[\w$.]+\(|[\w$.[\]]+ [-+*/]?= |for |if |while |await )/.test(line),
    );
    return [...stateful, ...statements].filter((line) => !allowedCalls.some((call) => line.startsWith(call)));
  });
  expect(wrong).toEqual([]);
});

test("a file bears the name of what it exports, never utils or helpers", () => {
  expect(sources.filter((path) => /(?:^|\/)(?:utils?|helpers?|common|misc)(?:\.ts|\/)/i.test(path))).toEqual(
    [],
  );
});

test("index.ts stands only where a package is entered, or above a table", () => {
  const entries = new Set(packages.flatMap((name) => entryPoints(name)));
  const isTable = (path: string): boolean => /table/i.test(read(path).split("\n", 1)[0] ?? "");
  const indexes = sources.filter((path) => path.endsWith("/index.ts"));
  expect(indexes.filter((path) => !entries.has(path) && !isTable(path))).toEqual([]);
});

/** The source files that a package's `exports` name. */
function entryPoints(name: string): string[] {
  const manifest = JSON.parse(read(`packages/${name}/package.json`)) as Manifest;
  return Object.values(manifest.exports).map((entry) => join("packages", name, entry["@wengert/source"]));
}

/** The modules that a module imports by relative path. */
function relativeImports(path: string, source: string): string[] {
  return importsOf(source)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => normalize(join(path, "..", specifier)));
}

/** The source without its type imports, which vanish at run time. */
function valueImports(source: string): string {
  return source.replaceAll(/^(?:import|export) type [^;]*;/gm, "");
}
