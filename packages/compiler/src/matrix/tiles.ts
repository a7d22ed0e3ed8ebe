// All tile functions that a plan calls: for every height and width of its panels, beginning sums or going on with them.

import { writeFunction, type Features } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import { advance, call, countDown } from "./addresses.ts";
import { writeDotTile } from "./dots.ts";
import { aheadOf, tileParameters } from "./ahead.ts";
import * as layout from "./layout.ts";
import { writeTile } from "./micro-kernel.ts";
import type { Plan } from "./plan.ts";
import { writeStreamTile } from "./streams.ts";

/** One size of tile. */
interface Size {
  readonly height: number;
  readonly columns: number;
  readonly resumes: boolean;
}

/** Writes a loop over panels and a tile for each size that occurs; `layout.tilesName` names the loops. */
export function writeAllTiles(plan: Plan, features: Features): readonly WasmFunction[] {
  const modes = plan.depthBlock < plan.product.depth ? [false, true] : [false];
  const sizes = modes.flatMap((resumes) =>
    layout
      .heightsOf(plan)
      .flatMap((height) => layout.widthsOf(plan).map((columns): Size => ({ height, columns, resumes }))),
  );
  return sizes.flatMap((size) => {
    const name = layout.tilesName(size.height, size.columns, size.resumes);
    const tile = `${name}_tile`;
    return [writePanels(plan, size, { name, tile }, features), writeOne(plan, size, tile, features)];
  });
}

/**
 * Writes `(left, right, result, panels, depth)`: panels of A, one below the other, by one panel of B; panels ≥ 1. Where
 * tiles read ahead, they and it are given one parameter more: where to go on.
 */
function writePanels(
  plan: Plan,
  { height }: Size,
  { name, tile }: { name: string; tile: string },
  features: Features,
): WasmFunction {
  return writeFunction(
    name,
    { parameters: ["i32", ...tileParameters(aheadOf(plan, height))] },
    features,
    (code, left, right, result, panels, depth, ...ahead) => {
      countDown(code, panels, () => {
        call(code, tile, left, right, result, depth, ...ahead);
        advance(code, left, layout.leftSteps(plan, height).panel);
        advance(code, result, height * plan.product.columns * plan.element.bytes);
      });
    },
  );
}

function writeOne(plan: Plan, size: Size, name: string, features: Features): WasmFunction {
  const { product, element, depthBlock, unroll } = plan;
  const { bytes, lanes } = element;
  const left = layout.leftSteps(plan, size.height);
  const ahead = aheadOf(plan, size.height);
  const shape = { element, ...size, result: product.columns * bytes, depth: product.depth, ahead };
  if (plan.tiles === "dots") {
    const strides = { left: left.row, right: product.right.column * bytes };
    return writeDotTile(name, { ...shape, ...strides, unroll }, features);
  }
  if (plan.tiles === "streams") {
    return writeStreamTile(
      name,
      { ...shape, left, right: product.right.depth * bytes, depthBlock },
      features,
    );
  }
  const padded = plan.right === "packed";
  const depth = bytes * (padded ? layout.wholeVectors(size.columns, lanes) : product.right.depth);
  return writeTile(name, { ...shape, depth: depthBlock, left, right: { depth, padded } }, features);
}
