/**
 * The L-layer network and its parts as composed graph nodes.
 *
 * @packageDocumentation
 */

// Data
export { dataset, selectExamples, splitDataset } from "./datasets/dataset.ts";
export type { Dataset, DatasetParts, SplitOptions } from "./datasets/dataset.ts";
export { permutation } from "./datasets/permutation.ts";
export { decodeCsv } from "./datasets/csv.ts";
export type { CsvTable } from "./datasets/csv.ts";
export { decodeIdx } from "./datasets/idx.ts";
export type { IdxArray } from "./datasets/idx.ts";
export { gunzip, isGzip } from "./datasets/gunzip.ts";
export { circles, flower, spirals, twoMoons } from "./datasets/toy.ts";
export type { ToyOptions } from "./datasets/toy.ts";
