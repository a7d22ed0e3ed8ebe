// Where the elements of a plan's blocks lie: steps in bytes, sizes of scratch, and the names of its functions.

import type { Plan } from "./plan.ts";

/** Rounds up to whole cache lines. */
function aligned(bytes: number): number {
  return 64 * Math.ceil(bytes / 64);
}

/** Bytes of a packed block of A. */
export function leftBytes(plan: Plan): number {
  const { left, rows, grid, rowBlock } = plan;
  if (left === "inPlace") return 0;
  const panels = Math.min(rowBlock, Math.ceil(rows.count / grid.rows));
  return aligned(panels * leftSteps(plan, rows.height).panel);
}

/** Bytes of one packed panel of B. */
export function rightPanelBytes({ depthBlock, columns, element }: Plan): number {
  return (
    depthBlock *
    (columns.full > 0 ? columns.width : wholeVectors(columns.tail, element.lanes)) *
    element.bytes
  );
}

/** Bytes of one step of k of the packed panels of B of a chunk. */
export function rightStepBytes(plan: Plan): number {
  const { columns, grid, depthBlock } = plan;
  const panels = Math.ceil(columns.count / grid.columns);
  return (panels * rightPanelBytes(plan)) / depthBlock;
}

/** Bytes of the packed panels of B of a chunk: those of a block of k, or of all blocks where they are kept. */
function rightBytes(plan: Plan): number {
  const { right, product, depthBlock, keeps } = plan;
  if (right === "inPlace") return 0;
  const blocks = keeps ? Math.ceil(product.depth / depthBlock) : 1;
  return aligned(blocks * depthBlock * rightStepBytes(plan));
}

/** Bytes before all panels: the word that says whose columns are kept. */
export function headBytes({ keeps }: Plan): number {
  return keeps ? 64 : 0;
}

/** Bytes of the packed panels of A and B; then comes the place where tiles that read ahead leave off. */
export function packedBytes(plan: Plan): number {
  return leftBytes(plan) + rightBytes(plan);
}

/** Bytes of scratch that a chunk needs. */
export function scratchBytes(plan: Plan): number {
  return headBytes(plan) + packedBytes(plan) + (plan.isFar ? 64 : 0);
}

/** Elements of as many vectors as hold so many columns. */
export function wholeVectors(columns: number, lanes: number): number {
  return lanes * Math.ceil(columns / lanes);
}

/** Heights of the panels of rows that there are. */
export function heightsOf({ rows }: Plan): readonly number[] {
  return rows.tall === rows.count ? [rows.height] : [rows.height, rows.height - 1];
}

/** Widths of the panels of columns that there are. */
export function widthsOf({ columns }: Plan): readonly number[] {
  return [columns.full > 0 ? columns.width : 0, columns.tail].filter((width) => width > 0);
}

/** Bytes between rows, steps of k and panels of A as tiles of a height read it. */
export function leftSteps(plan: Plan, height: number): Record<"row" | "depth" | "panel", number> {
  const { left, product, depthBlock, element } = plan;
  const { bytes } = element;
  if (left !== "inPlace") {
    const step = bytes * height;
    return { row: bytes, depth: step, panel: step * depthBlock };
  }
  const row = product.left.row * bytes;
  return { row, depth: product.left.depth * bytes, panel: height * row };
}

/** The function that computes tiles of a size. */
export function tilesName(height: number, width: number, resumes: boolean): string {
  return `${resumes ? "resume" : "begin"}_${height}x${width}`;
}
