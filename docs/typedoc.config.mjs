// The documentation site: API pages from the sources, guides, formulas as MathML, graphs as inline SVG.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { katex } from "@mdit/plugin-katex";
import { instance } from "@viz-js/viz";
import { categoriesOf } from "./categories.mjs";

const viz = await instance();

/** The guides in reading order; those not named here follow. */
const order = [
  "first-steps",
  "l-layer-network",
  "compiler",
  "performance",
  "architecture",
  "add-an-op",
  "coverage",
  "errors",
  "glossary",
  "dependencies",
];

const rank = (path) => {
  const place = order.findIndex((name) => path.endsWith(`${name}.md`));
  return place < 0 ? order.length : place;
};

const guides = readdirSync(import.meta.dirname)
  .filter((path) => path.endsWith(".md"))
  .sort((a, b) => rank(a) - rank(b));

const entryFiles = [
  "tensor/src/index.ts",
  "autodiff/src/index.ts",
  "autodiff/src/check/index.ts",
  "models/src/index.ts",
  "compiler/src/index.ts",
  "engine/src/index.ts",
].map((path) => join(import.meta.dirname, "../packages", path));

/** The categories of all entry files, in their order there; what is in none is an entry of its own. */
const categories = {
  categorizeByGroup: false,
  categoryOrder: entryFiles.flatMap((path) => [...new Set(categoriesOf(path).values())]),
  defaultCategory: "Further entries",
};

/** How graphs look where their text does not say otherwise. */
const graphStyle = {
  format: "svg",
  graphAttributes: { bgcolor: "transparent" },
  nodeAttributes: { shape: "box", style: "rounded", fontname: "sans-serif", fontsize: 11, height: 0.3 },
  edgeAttributes: { fontname: "sans-serif", fontsize: 9, arrowsize: 0.7 },
};

/** Draws ```dot blocks. */
function dotBlocks(markdown) {
  const { fence } = markdown.renderer.rules;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index];
    if (info.trim() !== "dot") return fence(tokens, index, ...rest);
    const svg = viz.renderString(content, graphStyle);
    return `<figure class="graph">${svg.slice(svg.indexOf("<svg"))}</figure>\n`;
  };
}

/** The plugin marks a formula that it cannot read; here it ends the build. */
function refuseErrors(html) {
  if (html.includes("katex-error")) throw new Error(`a formula cannot be read: ${html}`);
  return html;
}

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "Wengert",
  entryPointStrategy: "packages",
  entryPoints: [
    "../packages/tensor",
    "../packages/autodiff",
    "../packages/models",
    "../packages/compiler",
    "../packages/engine",
    "../packages/cli",
  ],
  out: "site",
  readme: "../README.md",
  projectDocuments: guides,
  markdownItLoader(markdown) {
    markdown
      .use(katex, { output: "mathml", logger: () => "error", transformer: refuseErrors })
      .use(dotBlocks);
  },
  customCss: "site.css",
  includeVersion: true,
  hideGenerator: true,
  treatWarningsAsErrors: true,
  validation: { invalidLink: true },
  plugin: [join(import.meta.dirname, "categories.mjs")],
  ...categories,
  navigation: { includeCategories: true, compactFolders: false },
  packageOptions: {
    ...categories,
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    sort: ["source-order"],
    validation: { notDocumented: true, notExported: true, invalidLink: true },
    requiredToBeDocumented: ["Class", "Function", "Interface", "Method", "TypeAlias", "Variable"],
  },
};
