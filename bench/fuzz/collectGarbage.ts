// Imported into a service under fuzz, which runs with --expose-gc: collects its garbage when it is told to.
// SIGWINCH, for nobody else listens to it and it ends no process.
process.on("SIGWINCH", () => globalThis.gc?.());
