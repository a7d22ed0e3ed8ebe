// The documentation site: API pages from the sources, guides, formulas as MathML, graphs as inline SVG.

import { katex } from "@mdit/plugin-katex";
import { instance } from "@viz-js/viz";

const viz = await instance();

/** Draws ```dot blocks. */
function dotBlocks(markdown) {
  const { fence } = markdown.renderer.rules;
  markdown.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index];
    if (info.trim() !== "dot") return fence(tokens, index, ...rest);
    const svg = viz.renderString(content, { format: "svg" });
    return `<figure class="graph">${svg.slice(svg.indexOf("<svg"))}</figure>\n`;
  };
}

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "Wengert",
  entryPointStrategy: "packages",
  entryPoints: ["../packages/tensor", "../packages/autodiff", "../packages/models"],
  out: "site",
  readme: "../README.md",
  projectDocuments: ["guides/*.md"],
  markdownItLoader(markdown) {
    markdown.use(katex, { output: "mathml", throwOnError: true, strict: "error" }).use(dotBlocks);
  },
  customCss: "site.css",
  includeVersion: true,
  hideGenerator: true,
  treatWarningsAsErrors: true,
  validation: { invalidLink: true },
  packageOptions: {
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    sort: ["source-order"],
    validation: { notDocumented: true, notExported: true, invalidLink: true },
    requiredToBeDocumented: ["Class", "Function", "Interface", "Method", "TypeAlias", "Variable"],
  },
};
