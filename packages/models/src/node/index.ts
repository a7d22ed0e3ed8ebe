// What needs the file system: reading and writing data sets and parameters.

export {};
