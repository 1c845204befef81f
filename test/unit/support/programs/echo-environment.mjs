// Prints what it was given, for the tests of the runner itself.
console.log(
  JSON.stringify({
    env: process.env,
    args: process.argv.slice(2),
    execArgv: process.execArgv,
    execPath: process.execPath,
    cwd: process.cwd(),
    preloaded: globalThis.preloadedBy ?? null,
  }),
);
