/**
 * What needs the file system: datasets by path, parameters saved and loaded.
 *
 * @packageDocumentation
 */

export { fashionNames, loadCsv, loadDigits, loadFashionMnistSmall, loadMnist } from "./datasets.ts";
export type { CsvOptions, Datasets, MnistOptions } from "./datasets.ts";
export { loadParameters, saveParameters } from "./parameters.ts";
