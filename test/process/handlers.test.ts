import { createServer, type Server } from 'node:http';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { expressErrorHandler, fastifyPlugin, koaMiddleware, recoverHandler } from '../../src/handlers.ts';
import { type Backend, startBackend } from '../support/backend.ts';
import type { Attributes, Value } from '../support/received-telemetry.ts';
import { type FixtureResult, runFixture } from '../support/run-fixture.ts';

const SERVER = 2;
const STATUS_ERROR = 2;

/** What is recorded of each request, by its path. Paths that are not named: nothing. */
interface Program {
  readonly program: string;
  readonly nodeEnv?: string;
  /** The handler is around the routes: it is in the stacks of what they throw, which Koa prints. */
  readonly wraps?: true;
  /** With the preload the framework publishes what its handlers do: its own and Node's frames are then in the stacks. */
  readonly publishes?: true;
  readonly recorded: Readonly<Record<string, string>>;
}

const EXPRESS: Program['recorded'] = {
  '/middleware': 'Error: of a middleware',
  '/sync': 'TypeError: sync',
  '/async': 'RangeError: async',
  '/next': 'Error: given to next',
  '/later': 'Error: later',
  '/unavailable': 'HttpError: unavailable',
  '/string': 'string: a string',
  '/json': 'HttpError: as JSON',
  '/sent': 'Error: after the first half',
  '/span': 'Error: of a part',
};

const PROGRAMS: Readonly<Record<string, Program>> = {
  // In development Express answers with the stack of the error.
  'Express in development': {
    program: 'handlers/express.mjs',
    publishes: true,
    nodeEnv: 'development',
    recorded: EXPRESS,
  },
  'Express in production': {
    program: 'handlers/express.mjs',
    publishes: true,
    nodeEnv: 'production',
    recorded: EXPRESS,
  },
  Fastify: {
    program: 'handlers/fastify.mjs',
    recorded: {
      '/before': 'Error: of a route declared before',
      '/sync': 'TypeError: sync',
      '/async': 'RangeError: async',
      '/sent-error': 'Error: sent',
      '/later': 'Error: later',
      '/unavailable': 'HttpError: unavailable',
      '/string': 'string: a string',
      '/undefined': 'undefined: undefined',
      '/hook': 'Error: of a hook',
      '/serializer': expect.stringMatching(/^TypeError: Converting circular structure to JSON/),
      '/json': 'Error: as JSON',
    },
  },
  Koa: {
    program: 'handlers/koa.mjs',
    wraps: true,
    recorded: {
      '/sync': 'TypeError: sync',
      '/async': 'RangeError: async',
      '/throw': 'InternalServerError: of ctx.throw',
      '/unavailable': 'HttpError: unavailable',
      '/string': 'string: a string',
      '/json': 'Error: as JSON',
      '/middleware': 'Error: of a middleware',
      '/on-the-way-back': 'Error: on the way back',
    },
  },
  'node:http': {
    program: 'handlers/node-http.mjs',
    recorded: {
      '/sync': 'TypeError: sync',
      '/async': 'RangeError: async',
      // Nobody answers with the status of an error here.
      '/teapot': 'HttpError: a teapot',
      '/string': 'string: a string',
      '/undefined': 'undefined: undefined',
    },
  },
  'node:http with captureRejections': {
    program: 'handlers/capture-rejections.mjs',
    recorded: { '/captured': 'Error: captured' },
  },
};

interface Way {
  readonly handler: 'with' | 'without';
  readonly preload: 'import' | 'none';
}

/**
 * All that a program did. Of stacks, one thing is not compared: where in `node:events` a listener was called, which depends on
 * how many there are.
 */
async function run(program: Program, way: Way, backend: Backend, path?: string): Promise<FixtureResult> {
  const { nodeEnv, wraps, publishes } = program;
  const { code, signal, stdout, stderr } = await runFixture({
    program: program.program,
    preload: way.preload,
    args: [way.handler, ...(path === undefined ? [] : [path])],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, ...(nodeEnv === undefined ? {} : { NODE_ENV: nodeEnv }) },
  });
  return {
    code,
    signal,
    stdout:
      publishes === true ? withFirstFrames(stdout) : stdout.replaceAll(/\(node:events:[\d:]+\)/g, '(node:events)'),
    stderr:
      publishes === true
        ? withFirstFrames(stderr)
        : stderr.replaceAll(wraps === true ? /^ +at .*\n/gm : /\(node:events:[\d:]+\)/g, ''),
  };
}

/** Of each stack the message and the frame that threw, printed or in a response, whose length then differs. */
function withFirstFrames(output: string): string {
  return output
    .replaceAll(/(\n +at .*)(\n +at .*)+/g, '$1')
    .replaceAll(/(<br> &nbsp; &nbsp;at .*?)(<br> &nbsp; &nbsp;at .*?)+(?=<)/g, '$1')
    .replaceAll(/Content-Length: \d+/g, 'Content-Length');
}

const text = (value: Value | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value));

const said = (attributes: Attributes): string =>
  `${text(attributes['exception.type'])}: ${text(attributes['exception.message'])}`;

/** Path → what the server span of the request, and the log records that belong to it, say of the error. */
function recorded(backend: Backend): Record<string, { readonly events: string[]; readonly records: string[] }> {
  const byPath: Record<string, { events: string[]; records: string[] }> = {};
  for (const span of backend.spans().filter(({ kind }) => kind === SERVER)) {
    const events = span.events.filter(({ name }) => name === 'exception').map(({ attributes }) => said(attributes));
    const records = backend
      .logRecords()
      .filter(({ eventName, spanId }) => eventName === 'exception' && spanId === span.spanId)
      .map(({ attributes }) => said(attributes));
    if (events.length > 0 || records.length > 0) byPath[text(span.attributes['url.path'])] = { events, records };
  }
  return byPath;
}

describe.each(Object.entries(PROGRAMS))('%s', (_, program) => {
  it('answers the same with and without the handler, with and without the preload', async () => {
    const backend = await startBackend();
    const plain = await run(program, { handler: 'without', preload: 'none' }, backend);
    expect(plain).toMatchObject({ code: 0, signal: null });
    expect(plain.stdout.split('\n').length).toBeGreaterThan(Object.keys(program.recorded).length);
    for (const handler of ['with', 'without'] as const) {
      for (const preload of ['import', 'none'] as const) {
        expect(await run(program, { handler, preload }, backend)).toEqual(plain);
      }
    }
  });

  it('records each error once, on the span of its request', async () => {
    const backend = await startBackend();
    await run(program, { handler: 'with', preload: 'import' }, backend);
    const once = Object.entries(program.recorded).map(([path, error]) => [path, { events: [error], records: [error] }]);
    expect(recorded(backend)).toEqual(Object.fromEntries(once));
    const failed = backend.spans().filter(({ events, kind }) => kind === SERVER && events.length > 0);
    expect(failed.map(({ status }) => status.code)).toEqual(failed.map(() => STATUS_ERROR));
  });
});

describe('recoverHandler, with an uncaught error', () => {
  const program: Program = { program: 'handlers/crash.mjs', wraps: true, recorded: {} };
  /** Above the stack Node shows the line that threw last, or its own once V8 has been asked for the stack of a rejection. */
  const withoutSource = ({ stderr, ...rest }: FixtureResult): FixtureResult => ({
    ...rest,
    stderr: stderr.slice(stderr.search(/^\w*Error: |^Unhandled/m)),
  });

  it.each([
    // Reported as ERROR by the handler; then the process dies of it, which is FATAL.
    ['sync', ['Error: boom'], ['Error: boom']],
    ['async', ['Error: boom'], ['Error: boom']],
    // Of a rejection with something else than an error, Node makes one, which is another.
    ['string', ['string: boom', expect.stringMatching(/^UnhandledPromiseRejection: .*"boom"/)], []],
  ])('%s: the process ends as it would have', async (path, errors, deaths) => {
    const backend = await startBackend();
    const plain = withoutSource(await run(program, { handler: 'without', preload: 'none' }, backend, path));
    expect(plain).toMatchObject({ code: 1, signal: null, stderr: expect.stringContaining('boom') });
    for (const preload of ['none', 'import'] as const) {
      expect(withoutSource(await run(program, { handler: 'with', preload }, backend, path))).toEqual(plain);
    }
    expect(recorded(backend)).toEqual({ [`/${path}`]: { events: errors, records: [...errors, ...deaths] } });
  });
});

describe('the handlers, with the types of their frameworks', () => {
  it('are accepted, and do nothing without the preload', async () => {
    const server: Server = createServer(recoverHandler((request, response) => response.end(request.url)));
    expect(server.listenerCount('request')).toBe(1);
    const sum: number = recoverHandler((a: number, b: number) => a + b)(1, 2);
    const promised: Promise<string> = recoverHandler(async (text: string) => text)('a');
    expect([sum, await promised]).toEqual([3, 'a']);
    const app = fastify();
    await app.register(fastifyPlugin);
    app.get('/', () => {
      throw new Error('boom');
    });
    expect((await app.inject('/')).statusCode).toBe(500);
    expect(app.pluginName).toContain('swansong');
    const passed: unknown[] = [];
    const handler = expressErrorHandler();
    expect(handler).toHaveLength(4);
    handler('boom', {}, {}, (error) => passed.push(error));
    expect(passed).toEqual(['boom']);
    expect(await koaMiddleware()({}, () => Promise.resolve('value'))).toBe('value');
  });
});
