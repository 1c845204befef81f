import { build } from 'tsdown';

/** The program of src/exit/worker-program.ts: one text of CommonJS that requires nothing but modules of Node. */
export async function buildExitWorkerProgram(): Promise<string> {
  const bundles = await build({
    config: false,
    entry: { 'exit-worker': 'src/exit/sync-request.worker.ts' },
    platform: 'node',
    target: 'node22.15',
    format: 'cjs',
    minify: true,
    dts: false,
    write: false,
    clean: false,
    report: false,
    logLevel: 'error',
    deps: { alwaysBundle: [/./] },
  });
  const chunks = bundles.flatMap(({ chunks: parts }) => parts);
  const [chunk] = chunks;
  if (chunk?.type !== 'chunk' || chunks.length > 1)
    throw new Error(`expected the exit worker to be one chunk (got ${chunks.length})`);
  const foreign = chunk.imports.filter((name) => !name.startsWith('node:'));
  if (foreign.length > 0)
    throw new Error(`expected the exit worker to import only Node's own (got ${foreign.join(', ')})`);
  return chunk.code;
}
