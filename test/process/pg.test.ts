import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { bundle } from '../support/bundle.ts';
import { fakePostgres } from '../support/fake-postgres.ts';
import { type FixtureOptions, type FixtureResult, runFixture } from '../support/run-fixture.ts';

const document = readFileSync(new URL('../../docs/what-is-replaced.md', import.meta.url), 'utf8');
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/pg/${name}`, import.meta.url));

interface Run extends FixtureResult {
  /** `scope: name`, in their order of ending. */
  readonly spans: readonly string[];
}

/** A program that gets the port of a server as its first argument. */
async function run(program: string, { args = [], env = {}, ...options }: Partial<FixtureOptions> = {}): Promise<Run> {
  const backend = await startBackend();
  const port = await fakePostgres();
  const result = await runFixture({
    program: resolve(fixture(''), program),
    args: [String(port), ...args],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, ...env },
    ...options,
  });
  const spans = backend.spans().map(({ scope, name }) => `${scope.name}: ${name}`);
  return { ...result, stderr: result.stderr.replaceAll(String(port), 'PORT'), spans };
}

const ENDS = { code: 0, signal: null, stdout: '2\n', stderr: '' };
const QUERY = 'swansong/pg: SELECT';

describe('a query is recorded', () => {
  it.each([
    ['query.mjs', 'import'],
    ['query.mjs', 'require'],
    ['query.cjs', 'import'],
    ['query.cjs', 'node-options'],
  ] as const)('%s, preloaded by %s', async (program, preload) => {
    expect(await run(program, { preload })).toEqual({ ...ENDS, spans: [QUERY, 'program: work'] });
  });

  it('where pg was loaded before swansong', async () => {
    const nodeArguments = ['--require', fileURLToPath(import.meta.resolve('pg/lib/index.js'))];
    expect(await run('query.cjs', { preload: 'import', nodeArguments })).toEqual({
      ...ENDS,
      spans: [QUERY, 'program: work'],
    });
  });

  it.each([
    ['by OTEL_NODE_DISABLED_INSTRUMENTATIONS', { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg' }],
    ['by OTEL_NODE_ENABLED_INSTRUMENTATIONS', { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http' }],
  ])('unless it is switched off %s', async (_, env) => {
    expect(await run('query.mjs', { env })).toEqual({ ...ENDS, spans: ['program: work'] });
  });

  it('but not in a bundle, which has no module pg: the program runs as without swansong', async () => {
    const program = await bundle(fixture('query.cjs'), 'cjs', { external: ['pg-native'] });
    expect(await run(program)).toEqual({ ...ENDS, spans: ['program: work'] });
  });
});

describe('what a program sees of pg is the same as without swansong', () => {
  it('results, callbacks, properties and stack traces', async () => {
    const [bare, preloaded] = [await run('show-behaviour.mjs', { preload: 'none' }), await run('show-behaviour.mjs')];
    expect({ ...preloaded, spans: [] }).toEqual(bare);
    expect(bare).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(['rejection'])('the crash of an unhandled %s', async (end) => {
    const [bare, preloaded] = [
      await run('crash.mjs', { preload: 'none', args: [end] }),
      await run('crash.mjs', { args: [end] }),
    ];
    expect({ ...preloaded, spans: [] }).toEqual(bare);
    expect(bare.code).toBe(1);
  });

  it.each(['callback', 'listener', 'argument'])('except for frames in the stack of what is thrown: %s', async (end) => {
    const runs = [await run('crash.mjs', { preload: 'none', args: [end] }), await run('crash.mjs', { args: [end] })];
    const [bare, preloaded] = runs.map(({ code, stderr }) => ({ code, top: top(stderr) }));
    expect(preloaded).toEqual(bare);
    expect(bare?.code).toBe(1);
  });

  it('and docs/what-is-replaced.md says so', () => {
    expect(document).toContain('`Client.prototype.query`');
  });
});

/** Without the frames of swansong and Node, as many as both have. */
function top(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .filter((line) => !/\/dist\/preload\.cjs|\(?node:/.test(line))
    .slice(0, 8);
}
