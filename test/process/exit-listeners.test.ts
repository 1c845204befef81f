import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('delivers after the exit listeners of the application, without a warning about too many listeners', async () => {
  const backend = await startBackend();
  const without = await runFixture({ program: 'add-exit-listeners.mjs', preload: 'none' });
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
  expect(await runFixture({ program: 'add-exit-listeners.mjs', env })).toEqual(without);
  expect(backend.spans().map(({ name, attributes }) => [name, attributes['swansong.span.interrupted']])).toEqual([
    ['recorded in an exit listener', undefined],
    ['ended by an exit listener', undefined],
  ]);
});

/** An attribute of every log record of the name. */
const told = (backend: Backend, name: string, attribute: string) =>
  backend.logRecords().flatMap(({ eventName, attributes }) => (eventName === name ? [attributes[attribute]] : []));

describe('in the turn in which an exit listener is added', () => {
  it.each([
    { way: 'exit', code: 9, spans: ['added first, 3', 'added last, 3'] },
    { way: 'exitInListener', code: 5, spans: ['before the second exit'] },
    { way: 'throwInListener', code: 3, spans: ['before the throw'] },
    { way: 'throwInEarlierListener', code: 3, spans: [] },
    { way: 'crash', code: 1, spans: ['after the crash, 1'] },
    { way: 'drain', code: 0, spans: ['drained, 0'] },
  ])('$way: the same end, and all of it is delivered', async ({ way, code, spans }) => {
    const backend = await startBackend();
    const program = { program: 'end-in-turn-of-exit-listener.mjs', args: [way] };
    const without = await runFixture({ ...program, preload: 'none' });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
    expect(await runFixture({ ...program, env })).toEqual(without);
    expect(without.code).toBe(code);
    expect(backend.spans().map(({ name }) => name)).toEqual(spans);
    expect(told(backend, 'swansong.process.exited', 'process.exit.code')).toEqual([code]);
    const thrown = /^Error: (.*)$/m.exec(without.stderr)?.slice(1) ?? [];
    expect(told(backend, 'exception', 'exception.message')).toEqual(thrown);
  });
});

it.each(['default', 'own', 'later', 'none'])('leaves the limit of listeners to the application: %s', async (limit) => {
  const program = { program: 'limit-listeners.mjs', args: [limit] };
  const [without, preloaded] = await Promise.all([
    runFixture({ ...program, preload: 'none' }),
    runFixture({ ...program, env: { OTEL_EXPORTER_OTLP_ENDPOINT: (await startBackend()).url } }),
  ]);
  const comparable = (stderr: string): string => stderr.replaceAll(/\(node:\d+\)/g, '');
  expect(without.stderr.includes('MaxListenersExceededWarning')).toBe(limit !== 'none');
  expect({ ...preloaded, stderr: comparable(preloaded.stderr) }).toEqual({
    ...without,
    stderr: comparable(without.stderr),
  });
});

it('writes no coverage about the worker that delivers', async () => {
  const backend = await startBackend();
  const [cwd, coverage] = [await temporaryFolder(), await temporaryFolder()];
  const result = await runFixture({
    program: 'add-exit-listeners.mjs',
    cwd,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, NODE_V8_COVERAGE: coverage },
  });
  expect(result).toMatchObject({ signal: null, stderr: '' });
  expect(backend.requests).not.toEqual([]);
  // One for each thread that has the variable.
  expect([readdirSync(coverage), readdirSync(cwd)]).toEqual([[expect.any(String)], []]);
});
