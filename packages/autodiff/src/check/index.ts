// The laws of derivatives as functions, for tests of new primitives and composites.

export {};
