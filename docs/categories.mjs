// A TypeDoc plugin: API pages are grouped as the entry files are. In an entry file, a `//` comment after an empty
// line is the title of the exports that follow it.

import { readFileSync } from "node:fs";
import { Comment, CommentTag, Converter, ReflectionKind } from "typedoc";

/**
 * Gives every export the category that stands above it.
 * @param {import("typedoc").Application} app
 */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const entryPoints = app.options.getValue("entryPoints");
    const categories = new Map(entryPoints.flatMap((path) => [...categoriesOf(path)]));
    const modules = [project, ...project.getReflectionsByKind(ReflectionKind.Module)];
    for (const child of modules.flatMap(({ children }) => children ?? [])) {
      const category = categories.get(child.name);
      if (category === undefined) continue;
      child.comment ??= new Comment();
      child.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: category }]));
    }
  });
}

/**
 * Export → its category, for the exports of an entry file in their order.
 * @param {string} path
 * @returns {ReadonlyMap<string, string>}
 */
export function categoriesOf(path) {
  /** @type {Map<string, string>} */
  const categories = new Map();
  for (const part of readFileSync(path, "utf8").split(/\n\n(?=\/\/ )/)) {
    const [, title] = /^\/\/ (.+)\n/.exec(part) ?? [];
    if (title === undefined) continue;
    for (const [, names = ""] of part.matchAll(/^export (?:type )?\{([^}]*)\}/gm)) {
      for (const [name] of names.matchAll(/\w+/g)) categories.set(name, title);
    }
  }
  return categories;
}
