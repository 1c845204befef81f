import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { nodeMajor, nodeMinor } from '../support/program-node.ts';
import { type FixtureOptions, type FixtureResult, runFixture } from '../support/run-fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const document = readFileSync(new URL('../../docs/what-is-replaced.md', import.meta.url), 'utf8');

async function runBoth(program: FixtureOptions): Promise<{ bare: FixtureResult; preloaded: FixtureResult }> {
  const backend = await startBackend();
  const options = { ...program, nodeArguments: ['--no-warnings', ...(program.nodeArguments ?? [])] };
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, ...program.env };
  const [bare, preloaded] = await Promise.all([
    runFixture({ ...options, preload: 'none' }),
    runFixture({ ...options, env }),
  ]);
  return { bare, preloaded };
}

/** The lines that a program prints only without swansong, and only with it. */
async function differences(program: FixtureOptions): Promise<{ gone: string[]; added: string[] }> {
  const { bare, preloaded } = await runBoth(program);
  expect({ ...preloaded, stdout: '' }).toEqual({ ...bare, stdout: '' });
  const [before, after] = [bare, preloaded].map(({ stdout }) => stdout.trim().split('\n'));
  return {
    gone: before?.filter((line) => !after?.includes(line)) ?? [],
    added: after?.filter((line) => !before?.includes(line)) ?? [],
  };
}

/** `name/length/hash of the source text`: the hash changes with every change of the source. */
const withoutSource = (line: string): string => line.replaceAll(/\/[0-9a-f]{8}/g, '');

/** Before Node 22.17, a socket that connects is seen by an accessor. */
const seesSockets = nodeMajor === 22 && nodeMinor < 17;
const CONNECT = ['net.Socket.prototype', 'net.Stream.prototype'].map(
  (owner) => `${owner} connect: get get/0, set set/1 (enumerable configurable)`,
);
const NODES_CONNECT = ['net.Socket.prototype', 'net.Stream.prototype'].flatMap((owner) => [
  `${owner} connect: /0 (writable enumerable configurable)`,
  `${owner}.connect length: number (configurable)`,
  `${owner}.connect name: string (configurable)`,
  `${owner}.connect prototype: object (writable)`,
  `${owner}.connect.prototype constructor: /0 (writable configurable)`,
]);

const REALLY_EXIT = 'process reallyExit: reallyExit/0 (writable enumerable configurable)';
const GONE = [
  'process reallyExit: reallyExit/0/native (writable enumerable configurable)',
  ...(seesSockets ? NODES_CONNECT : []),
];
const API = 'globalThis Symbol(opentelemetry.js.api.1): object (writable enumerable configurable)';
const MARKS = [
  'globalThis Symbol(swansong.preloaded): boolean ()',
  'globalThis Symbol(swansong.clock): object (configurable)',
];
const ADDED = [
  ...MARKS,
  API,
  'globalThis Symbol(io.opentelemetry.js.api.logs): value/1 (writable configurable)',
  'globalThis Symbol(swansong.running-sdk): object (configurable)',
  'globalThis.Symbol(io.opentelemetry.js.api.logs) length: number (configurable)',
  'globalThis.Symbol(io.opentelemetry.js.api.logs) name: string (configurable)',
  ...(seesSockets ? CONNECT : []),
];
const EMIT = 'process emit: emit/1 (writable configurable)';
const listenersOf = (lines: readonly string[]): Map<string, number> =>
  new Map(
    lines.flatMap((line) => {
      const found = /^listeners (?<event>\w+): (?<count>\d+)$/.exec(line)?.groups;
      return found === undefined ? [] : [[found['event'] ?? '', Number(found['count'])]];
    }),
  );

describe('of every function and property that a program can reach in its process', () => {
  const replaced = async (program: Partial<FixtureOptions> = {}) => {
    const { gone, added } = await differences({ program: 'show-replaced.mjs', ...program });
    const [before, after] = [listenersOf(gone), listenersOf(added)];
    const withoutListeners = (lines: readonly string[]) =>
      lines.filter((line) => !line.startsWith('listeners ')).map((line) => withoutSource(line));
    return {
      gone: withoutListeners(gone),
      added: withoutListeners(added),
      listeners: Object.fromEntries([...after].map(([event, count]) => [event, count - (before.get(event) ?? 0)])),
    };
  };
  const listeners = { exit: 2, beforeExit: 1, uncaughtExceptionMonitor: 1, newListener: 2 };

  it.each(['import', 'require', 'node-options'] as const)(
    'process.reallyExit is replaced, and nothing else (%s)',
    async (preload) => {
      expect(await replaced({ preload })).toEqual({
        gone: GONE,
        added: [REALLY_EXIT, ...ADDED],
        listeners,
      });
    },
  );

  it('also where the application listens to exit', async () => {
    expect(await replaced({ args: ['exitListener'] })).toEqual({
      gone: GONE,
      added: [REALLY_EXIT, ...ADDED],
      listeners,
    });
  });

  it('and process.emit, where the application listens to unhandledRejection', async () => {
    expect(await replaced({ args: ['listen'] })).toEqual({
      gone: GONE,
      added: [REALLY_EXIT, EMIT, ...ADDED],
      listeners,
    });
  });

  it.each(['warn', 'none', 'warn-with-error-code'])('or where rejections end nothing: %s', async (mode) => {
    // There nothing has to be waited for.
    expect(await replaced({ nodeArguments: [`--unhandled-rejections=${mode}`] })).toEqual({
      gone: GONE,
      added: [REALLY_EXIT, EMIT, ...ADDED],
      listeners: { ...listeners, newListener: 1 },
    });
  });

  it('nothing with OTEL_SDK_DISABLED=true', async () => {
    expect(await replaced({ args: ['listen'], env: { OTEL_SDK_DISABLED: 'true' } })).toEqual({
      gone: [],
      added: [...MARKS, API],
      listeners: {},
    });
  });

  it('with self-metrics they have a place, too', async () => {
    const env = { SWANSONG_SELF_METRICS_FILE: join(await temporaryFolder(), 'self.jsonl') };
    const { gone, added } = await replaced({ env });
    expect(gone).toEqual(GONE);
    expect(added.filter((line) => ![REALLY_EXIT, ...ADDED].includes(line))).toEqual([
      'globalThis Symbol(swansong.self-metrics): object (configurable)',
    ]);
  });

  it('docs/what-is-replaced.md names all of it', () => {
    const named = ['process.reallyExit', 'process.emit', ...Object.keys(listeners), 'OTEL_SDK_DISABLED'];
    const symbols = ADDED.flatMap((line) => /^globalThis Symbol\((?<key>[^)]+)\)/.exec(line)?.groups?.['key'] ?? []);
    expect([...named, ...symbols, 'swansong.self-metrics'].filter((name) => !document.includes(`\`${name}`))).toEqual(
      [],
    );
  });
});

it('exit listeners are out for the turn in which the application adds one', async () => {
  const { gone, added } = await differences({ program: 'show-listeners.mjs' });
  expect(gone).toEqual(['newListener exit', 'channels ', 'chdir wrappedChdir', 'own emit false 0']);
  const ours = ['removeListener', 'removeListener', 'newListener', 'newListener', 'newListener'];
  expect(added).toEqual([
    ours.map((event) => `${event} exit`).join(', '),
    'channels http.server.request.start http.client.request.created undici:request:create',
    // What Node does itself when node:worker_threads is loaded.
    'chdir ',
    'own emit true 0',
  ]);
});

it('one frame is in the stack of what a listener of unhandledRejection throws, and nothing else', async () => {
  const { bare, preloaded } = await runBoth({ program: 'endings/throw-in-rejection-listener.mjs' });
  const frame = /^ {4}at process\.emit \(.*\/dist\/preload\.cjs:\d+:\d+\)\n/m;
  expect(preloaded.stderr).toMatch(
    /^ {4}at process\.emit \(node:events:.*\n {4}at process\.emit \(.*\/dist\/preload\.cjs:/m,
  );
  expect({ ...preloaded, stderr: preloaded.stderr.replace(frame, '') }).toEqual(bare);
});

describe('of a request', () => {
  it('its class has an accessor for emit, and it has no listener of swansong, its connection one on Node 22', async () => {
    const { gone, added } = await differences({ program: 'show-request.mjs' });
    // Node 22 does not tell that a pipelined response is over when its connection is.
    const listens = nodeMajor < 24;
    expect(gone).toEqual([
      ...(listens
        ? ['connection _maxListeners: undefined (writable enumerable configurable)', 'connection listeners close: 2']
        : []),
      'headers: host,connection,content-length',
    ]);
    expect(added).toEqual([
      ...(listens ? ['connection _maxListeners: number (writable enumerable configurable)'] : []),
      // Where Node keeps remoteAddress once it was asked for.
      'connection _peername: object (writable enumerable configurable)',
      ...(listens ? ['connection listeners close: 3'] : []),
      'headers: host,traceparent,connection,content-length',
      'IncomingMessage.prototype emit: accessor (configurable)',
      'ServerResponse.prototype emit: accessor (configurable)',
      'ClientRequest.prototype emit: accessor (configurable)',
    ]);
  });

  it('nothing without the instrumentation of node:http', async () => {
    const env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' };
    expect(await differences({ program: 'show-request.mjs', env })).toEqual({ gone: [], added: [] });
  });
});

it('gracefulShutdown() withholds what Node closes at once, for the length of close()', async () => {
  const { stdout, ...end } = await runFixture({
    program: 'show-shutdown.mjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: (await startBackend()).url },
  });
  expect(stdout.trim().split('\n')).toEqual(['server.closeIdleConnections true', 'session.close true', 'left false']);
  expect(end).toEqual({ code: 0, signal: null, stderr: '' });
});
