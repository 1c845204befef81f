// Preloaded with --expose-gc: at each SIGUSR2 a line on stdout with what is left after a collection.
process.on('SIGUSR2', () => {
  // What is freed by a finalizer or in a later turn is gone with the second one.
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    const resources = process.getActiveResourcesInfo().length;
    process.stdout.write(`memory ${JSON.stringify({ heapUsed, external, rss, resources })}\n`);
  });
});
