// Preloaded with --expose-gc: at each SIGUSR2 prints the memory that is left after a garbage collection.
process.on('SIGUSR2', () => {
  // Twice: finalizers and later turns of the event loop free more.
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    const resources = process.getActiveResourcesInfo().length;
    process.stdout.write(`memory ${JSON.stringify({ heapUsed, external, rss, resources })}\n`);
  });
});
