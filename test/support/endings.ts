import { authority, clientCertificate } from './certificates.ts';
import {
  diesOf,
  ENDS_QUIETLY,
  ended,
  failedQuery,
  fatal,
  logged,
  marks,
  marksAbove,
  NOTHING,
  open,
  OPEN_QUERY,
  OTHERS,
  received,
  stopped,
  survived,
  survivedQuery,
} from './endings-expected.ts';
import type { EndingReceived, EndingSpan } from './endings-received.ts';

/** What a program does by itself, on every Node version: that it ends the way its row says. */
export interface ProgramEnd {
  readonly code: number | null;
  /** Default: none. */
  readonly signal?: NodeJS.Signals;
  /** All of it. Default: nothing. */
  readonly stdout?: string;
  /** A part of stderr. Default: nothing is written there. */
  readonly stderr?: string;
}

/** How a request came to the backend. */
export interface EndingTransport {
  readonly contentType: string;
  readonly encoding: string;
  /** Common name of the client's certificate. */
  readonly client?: string;
  /** The header `x-api-key`. */
  readonly apiKey?: string;
}

interface Outcome {
  readonly ends: ProgramEnd;
  /** What the backend has acknowledged in the end. */
  readonly received: EndingReceived;
  /** The exit codes that the backend learns of, each process and thread its own. Default: the program's. */
  readonly exits?: readonly number[];
}

export interface EndingProgram extends Outcome {
  /** How the process ends, in words. */
  readonly name: string;
  /** Relative to `test/fixtures/endings`. */
  readonly program: string;
  /** How swansong is loaded. Default: `require` for a program that ends in `.cjs`, else `import`. */
  readonly preload?: 'import' | 'require' | 'node-options';
  readonly args?: readonly string[];
  readonly nodeArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Sent to the program once it has printed `ready`. */
  readonly signal?: NodeJS.Signals;
  /** Written to its stdin once it has printed `ready` and an export of its spans is in flight. */
  readonly input?: string;
  /** The API's and the SDK's own frames are in the stack of what it throws, and are left out of the comparison. */
  readonly framesOfTracing?: true;
  /** The function of the one frame of swansong in the stack that Node prints, which is a change and no part of the comparison. */
  readonly addsFrame?: string;
  /** The backend's certificate is of a private authority; with `mutual` it asks for the client's. Default: plain http. */
  readonly tls?: 'server' | 'mutual';
  /** How every request must have come. */
  readonly transport?: EndingTransport;
  /** It calls `shutdown()` or `forceFlush()`, which say once that nothing was started when it runs without the preload. */
  readonly callsSwansong?: true;
  /** The one line on stderr that swansong adds. */
  readonly warns?: string;
  /**
   * The run without swansong has this program of `test/fixtures/endings/preload` instead: what Node prints is different in any
   * program that does what this one does. Default: on every version of Node.
   */
  readonly beside?: {
    readonly preload: 'hold-async-context' | 'listen-to-exit' | 'import-nothing';
    readonly nodes?: readonly number[];
  };
  /** Why not everything arrives, or not as the row has it. */
  readonly because?: string;
  /** What is different on some versions of Node. */
  readonly elsewhere?: readonly (Outcome & { readonly nodes: readonly number[]; readonly because: string })[];
}

/** A row of the table of endings. */
export interface Ending {
  readonly row: number;
  readonly ending: string;
  readonly reaches: string;
  readonly deliveredBy: string;
  readonly programs: readonly EndingProgram[];
}

/** A process that dies of an uncaught error. `stderr`: a part of what Node prints of it. */
const dies = (stderr: string, stdout = ''): ProgramEnd => ({ code: 1, stderr, stdout });

function crash(name: string, program: string, message: string, type = 'Error'): EndingProgram {
  return { name, program, ends: dies(`${type}: ${message}`), received: diesOf({ message, type }) };
}

/** The server's span is `POST`, `query` is open below it, and the error belongs to the request. */
function crashOfRequest(name: string, program: string, message: string, type = 'Error'): EndingProgram {
  const thrown = { message, type, span: 'POST' };
  return {
    name,
    program,
    ends: dies(`${type}: ${message}`),
    received: received([fatal(thrown)], OTHERS, [open('POST', marks(thrown)), open('query', { parent: 'POST' })]),
  };
}

/** Nothing is active: the record belongs to no span, and no span is to blame. */
function crashOutsideSpans(name: string, program: string, message: string, type = 'Error'): EndingProgram {
  return {
    name,
    program,
    ends: dies(`Error`),
    received: received([fatal({ message, type, span: null })], OTHERS),
  };
}

function thrownValue(
  value: string,
  type: string,
  message: string,
  stacktrace: 'as printed' | 'of the program' | 'other' | 'none',
  stderr = message,
): EndingProgram {
  const thrown = { message, type, stacktrace };
  return { name: value, program: 'throw-value.cjs', args: [value], ends: dies(stderr), received: diesOf(thrown) };
}

/** On Node 22 there is a frame more under what was called from C++, as soon as any AsyncLocalStorage is in use. */
const trampolineOn22 = { beside: { preload: 'hold-async-context', nodes: [22] } } as const;

const PROTOBUF: EndingTransport = { contentType: 'application/x-protobuf', encoding: 'identity' };
const JSON_BODY: EndingTransport = { contentType: 'application/json', encoding: 'identity' };

function crashTo(name: string, facts: Pick<EndingProgram, 'env' | 'tls' | 'transport'>): EndingProgram {
  return { ...crash(name, 'throw-in-timer.mjs', 'the timer failed'), ...facts };
}

const PROMISE = { message: 'the promise failed' };
const TIMER = { message: 'the timer failed' };
const QUERY = { message: 'the query failed' };

/** The spans of inQuery() after an error in `query` that was none to die of, in a process that ended all the same. */
const markedQuery = (thrown: { readonly message: string; readonly type?: string }): readonly EndingSpan[] => [
  open('request'),
  open('query', { parent: 'request', ...marks(thrown) }),
];

/** What is printed of an unhandled rejection that ends nothing. */
const WARNINGS = {
  none: undefined,
  warn: 'UnhandledPromiseRejectionWarning: Error: the promise failed',
  'warn-with-error-code': 'UnhandledPromiseRejectionWarning: Error: the promise failed',
};
const HANDLED_LATE = 'PromiseRejectionHandledWarning: Promise rejection was handled asynchronously';

/** Under `warn`, `none` and `warn-with-error-code` the process lives on, and ends by itself with its spans open. */
function livesOn(
  mode: keyof typeof WARNINGS,
  facts: Pick<EndingProgram, 'name' | 'program' | 'nodeArguments' | 'env'>,
  stdout: string,
  stderr = WARNINGS[mode],
): EndingProgram {
  const stacktrace = mode === 'none' ? 'of the program' : 'as printed';
  return {
    ...facts,
    ends: { code: mode === 'warn-with-error-code' ? 1 : 0, stdout, ...(stderr === undefined ? {} : { stderr }) },
    received: received([survived({ ...PROMISE, stacktrace })], OTHERS, markedQuery(PROMISE)),
  };
}

const NO_EXIT_EVENT =
  'Node ends the process from C++ (code 7, "exception in the handler of exceptions"): there is no exit event. What was not exported by then is the journal\'s.';

const NO_SUCH_CALLBACK = 'process.addUncaughtExceptionCaptureCallback';
const withoutAddCapture = {
  nodes: [22, 24],
  because: 'The method came with Node 26; calling it is a TypeError at top level.',
  ends: dies(`TypeError: ${NO_SUCH_CALLBACK} is not a function`),
};
const noSuchCallback = { message: `${NO_SUCH_CALLBACK} is not a functio…`, type: 'TypeError', span: null };

const NO_MORE_JAVASCRIPT =
  "A thread that is terminated runs no JavaScript any more. What it had not exported by then is the journal's.";
const WORKER = { message: 'the worker failed' };
const MAIN_OPEN = [open('in the main thread')];

const LOG = Array.from({ length: 1000 }, (_, i) => `{"level":30,"line":${i + 1},"msg":"a line of the log"}\n`).join('');

const SHUTDOWN_TOO_EARLY = (late: string): string =>
  `swansong: ${late} came after shutdown() and were kept for the end of the process. Call shutdown() last: close the servers, wait for the requests in flight, then shutdown().`;

/** Rows 1 to 22 of the table of endings. */
export const ENDINGS: readonly Ending[] = [
  {
    row: 1,
    ending: 'throw in a timer / immediate / nextTick / fs callback / emitter listener',
    reaches: 'monitor → exit',
    deliveredBy: 'exit',
    programs: [
      crash('throw in a timer', 'throw-in-timer.mjs', 'the timer failed'),
      {
        ...crash('throw in a timer, preloaded by NODE_OPTIONS', 'throw-in-timer.mjs', 'the timer failed'),
        preload: 'node-options',
      },
      { ...crash('throw in an immediate', 'throw-in-immediate.mjs', 'the immediate failed'), ...trampolineOn22 },
      crash('throw in nextTick', 'throw-in-next-tick.mjs', 'the tick failed'),
      {
        ...crash('throw in a microtask', 'throw-in-microtask.mjs', 'the microtask failed'),
        beside: { preload: 'hold-async-context' },
        because: 'Node shows its own frames under a microtask as soon as any AsyncLocalStorage holds something.',
        elsewhere: [
          {
            nodes: [22],
            because: 'On Node 22 the context of a microtask is gone before anybody is told of its error.',
            ends: dies('Error: the microtask failed'),
            received: received([fatal({ message: 'the microtask failed', span: null })], OTHERS, OPEN_QUERY),
          },
        ],
      },
      { ...crash('throw in an fs callback', 'throw-in-fs-callback.mjs', 'the callback failed'), ...trampolineOn22 },
      crash('throw in an emitter listener', 'throw-in-listener.mjs', 'the listener failed'),
      crash('an error event without a listener', 'emit-error-without-listener.mjs', 'nobody listens', 'TypeError'),
      {
        name: 'a socket that cannot connect, without a listener',
        program: 'connect-to-nobody.mjs',
        ...trampolineOn22,
        ends: dies('Error: connect ENOENT'),
        // Node puts "Emitted 'error' event on Socket instance at" into what it prints, after everybody has read the stack.
        received: diesOf({ message: 'connect ENOENT /nonexistent/database.sock', stacktrace: 'other' }),
      },
    ],
  },
  {
    row: 2,
    ending: 'throw inside `startActiveSpan(fn)` (context already unwound)',
    reaches: 'unwound context → monitor → exit',
    deliveredBy: 'exit',
    programs: [
      {
        ...crash('at top level, ESM', 'throw-in-active-span.mjs', 'the query failed', 'RangeError'),
        framesOfTracing: true,
      },
      {
        ...crash('at top level, CommonJS', 'throw-in-active-span.cjs', 'the query failed', 'RangeError'),
        framesOfTracing: true,
      },
      { ...crash('in a timer', 'throw-in-active-span-in-timer.mjs', 'the query failed'), framesOfTracing: true },
      {
        name: 'the span was ended in `finally`',
        program: 'throw-after-ending-active-span.mjs',
        framesOfTracing: true,
        ends: dies('Error: the query failed'),
        received: received([fatal(QUERY)], OTHERS, [
          open('request', marksAbove(QUERY)),
          ended('query', { parent: 'request' }),
        ]),
      },
      { ...crash('inside context.with()', 'throw-in-restored-context.mjs', 'the query failed'), framesOfTracing: true },
      {
        name: 'another throw, which was caught, before it',
        program: 'throw-after-caught-throw.mjs',
        ...trampolineOn22,
        ends: dies('Error: something else failed', 'handled\n'),
        received: received([fatal({ message: 'something else failed', span: null })], OTHERS, [open('query')]),
      },
    ],
  },
  {
    row: 3,
    ending: 'throw in an http handler, sync and async',
    reaches: 'monitor → exit',
    deliveredBy: 'exit',
    programs: [
      crashOfRequest('sync, ESM', 'throw-in-http-handler.mjs', 'the handler failed'),
      crashOfRequest('sync, CommonJS', 'throw-in-http-handler.cjs', 'the handler failed'),
      crashOfRequest('async', 'throw-in-async-http-handler.mjs', 'the handler failed'),
      {
        ...crashOfRequest(
          'in a listener of the body',
          'throw-in-http-body-listener.mjs',
          'Unexpected end of JSON input',
          'SyntaxError',
        ),
      },
      {
        name: 'inside startActiveSpan(fn) in the handler',
        program: 'throw-in-active-span-in-http-handler.mjs',
        framesOfTracing: true,
        ends: dies('Error: the query failed'),
        received: received([fatal(QUERY)], OTHERS, [
          open('POST', marksAbove(QUERY)),
          open('query', { parent: 'POST', ...marks(QUERY) }),
        ]),
      },
    ],
  },
  {
    row: 4,
    ending: 'throw at top level: ESM, CJS; failed top-level await',
    reaches: 'monitor → exit',
    deliveredBy: 'exit',
    programs: [
      crashOutsideSpans('throw at top level, ESM', 'throw-at-top-level.mjs', 'the program failed'),
      crashOutsideSpans('throw at top level, CommonJS', 'throw-at-top-level.cjs', 'the program failed'),
      {
        ...crashOutsideSpans(
          'throw at top level, CommonJS, by --import',
          'throw-at-top-level.cjs',
          'the program failed',
        ),
        preload: 'import',
        beside: { preload: 'import-nothing' },
        because:
          'As soon as there is any --import, Node loads a CommonJS program by the loader of ES modules and prints its frames.',
      },
      crashOutsideSpans(
        'failed top-level await',
        'fail-top-level-await.mjs',
        "ENOENT: no such file or directory, open '/nonexistent/config…",
      ),
      {
        name: 'top-level await that never settles',
        program: 'never-settle-top-level-await.mjs',
        ends: { code: 13, stderr: 'Warning: Detected unsettled top-level await' },
        received: received([], OTHERS),
      },
      crashOutsideSpans(
        'import of a module that is not there',
        'import-missing-module.mjs',
        "Cannot find module './nonexistent.mjs' imported from ./impor…",
      ),
      {
        name: 'require of a module that is not there',
        program: 'require-missing-module.cjs',
        ends: dies("Error: Cannot find module './nonexistent.cjs'"),
        // Its property `requireStack` is shown by its class only.
        received: received(
          [fatal({ message: "Cannot find module './nonexistent.cjs'", span: null, stacktrace: 'of the program' })],
          OTHERS,
        ),
      },
    ],
  },
  {
    row: 5,
    ending: 'unhandled rejection, default (`throw`) and `strict`',
    reaches: 'monitor (origin unhandledRejection) → exit',
    deliveredBy: 'exit',
    programs: [
      crash('default', 'reject-unhandled.mjs', 'the promise failed'),
      {
        ...crash('throw', 'reject-unhandled.mjs', 'the promise failed'),
        nodeArguments: ['--unhandled-rejections=throw'],
      },
      {
        ...crash('strict', 'reject-unhandled.mjs', 'the promise failed'),
        nodeArguments: ['--unhandled-rejections=strict'],
      },
      {
        ...crash('strict, by NODE_OPTIONS', 'reject-unhandled.mjs', 'the promise failed'),
        env: { NODE_OPTIONS: '--unhandled-rejections=strict' },
      },
      {
        name: 'of a string',
        program: 'reject-unhandled-string.mjs',
        ends: dies('UnhandledPromiseRejection: This error originated'),
        received: diesOf({
          type: 'UnhandledPromiseRejection',
          message: 'This error originated either by throwing inside of an async …',
        }),
      },
    ],
  },
  {
    row: 6,
    ending: 'unhandled rejection under `warn`, `none`, `warn-with-error-code`',
    reaches: 'process.emit (the process lives, or exits 1 at its end): ERROR, and no listener of ours',
    deliveredBy: 'normal export / exit',
    programs: [
      ...(['warn', 'none', 'warn-with-error-code'] as const).flatMap((mode) => {
        const program = 'reject-unhandled-and-live.mjs';
        const option = `--unhandled-rejections=${mode}`;
        return [
          livesOn(mode, { name: mode, program, nodeArguments: [option] }, 'alive\n'),
          livesOn(mode, { name: `${mode}, by NODE_OPTIONS`, program, env: { NODE_OPTIONS: option } }, 'alive\n'),
          livesOn(
            mode,
            { name: `${mode}, handled too late`, program: 'reject-and-handle-later.mjs', nodeArguments: [option] },
            'handled: the promise failed\n',
            HANDLED_LATE,
          ),
        ];
      }),
      {
        name: 'warn, of a string',
        program: 'reject-unhandled-string.mjs',
        nodeArguments: ['--unhandled-rejections=warn'],
        ends: { code: 0, stderr: 'UnhandledPromiseRejectionWarning: only a string' },
        received: received([survived({ message: 'only a string', type: 'string', stacktrace: 'none' })], OTHERS, [
          open('request'),
          open('query', { parent: 'request', ...marks({ message: 'only a string', type: 'string' }) }),
        ]),
      },
    ],
  },
  {
    row: 7,
    ending: 'the application listens to `unhandledRejection` / `uncaughtException` and survives',
    reaches: 'monitor / process.emit: ERROR, open spans stay open, nothing stalls',
    deliveredBy: 'normal export',
    programs: [
      {
        name: 'uncaughtException',
        program: 'survive-uncaught-error.mjs',
        ends: { code: 0, stdout: 'uncaughtException: the timer failed\nalive\n' },
        received: received([survived(TIMER)], OTHERS, survivedQuery(TIMER)),
      },
      {
        name: 'unhandledRejection',
        program: 'survive-unhandled-rejection.mjs',
        ends: { code: 0, stdout: 'unhandled: the promise failed\nalive\n' },
        received: received([survived(PROMISE)], OTHERS, survivedQuery(PROMISE)),
      },
      {
        name: 'unhandledRejection, under strict',
        program: 'survive-unhandled-rejection.mjs',
        nodeArguments: ['--unhandled-rejections=strict'],
        ends: dies('Error: the promise failed'),
        received: diesOf(PROMISE),
      },
      {
        name: 'a rejection that comes to uncaughtException',
        program: 'survive-rejection-as-uncaught-error.mjs',
        ends: { code: 0, stdout: 'unhandledRejection: the promise failed\nalive\n' },
        received: received([survived(PROMISE)], OTHERS, survivedQuery(PROMISE)),
      },
      {
        name: 'a server goes on serving',
        program: 'survive-and-serve.mjs',
        ends: { code: 0, stdout: 'the handler failed\nanswered: 5, stalled: false\n' },
        received: received([survived({ message: 'the handler failed', span: 'POST' })], OTHERS, [
          ended('POST', { count: 4 }),
          ended('POST', marks({ message: 'the handler failed' })),
        ]),
      },
    ],
  },
  {
    row: 8,
    ending: "the application's `uncaughtException` listener calls `process.exit(n)`",
    reaches: 'exit',
    deliveredBy: 'exit',
    programs: [
      {
        name: 'uncaughtException',
        program: 'exit-in-uncaught-listener.mjs',
        ends: { code: 42, stderr: 'fatal: the timer failed\n' },
        received: received([survived(TIMER)], OTHERS, markedQuery(TIMER)),
      },
      {
        name: 'unhandledRejection',
        program: 'exit-in-rejection-listener.mjs',
        ends: { code: 43, stderr: 'fatal: the promise failed\n' },
        received: received([survived(PROMISE)], OTHERS, markedQuery(PROMISE)),
      },
      {
        name: 'unhandledRejection, which throws the reason again',
        program: 'rethrow-in-rejection-listener.mjs',
        ends: dies('Error: the promise failed'),
        received: received(
          // First it is one that the application listens to, and then one that the process dies of.
          [survived({ ...PROMISE, stacktrace: 'as printed' }), fatal(PROMISE)],
          OTHERS,
          failedQuery(PROMISE),
        ),
      },
      {
        name: 'unhandledRejection, which throws an error of its own',
        program: 'throw-in-rejection-listener.mjs',
        addsFrame: 'process.emit',
        because:
          'A rejection that the application listens to is seen by a replaced process.emit: one frame of swansong is in the stack of what such a listener throws (docs/what-is-replaced.md).',
        ends: dies('Error: the listener failed'),
        received: received(
          [survived(PROMISE), fatal({ message: 'the listener failed', span: null })],
          OTHERS,
          markedQuery(PROMISE),
        ),
      },
      {
        name: 'uncaughtException, which throws',
        program: 'throw-in-uncaught-listener.mjs',
        ends: { code: 7, stderr: 'Error: the listener failed' },
        received: NOTHING,
        exits: [],
        because: NO_EXIT_EVENT,
      },
      {
        name: 'an uncaughtExceptionMonitor of its own',
        program: 'monitor-uncaught-error.mjs',
        ends: dies('Error: the timer failed', 'uncaughtException: the timer failed\n'),
        received: diesOf(TIMER),
      },
    ],
  },
  {
    row: 9,
    ending: '`setUncaughtExceptionCaptureCallback` / `addUncaughtExceptionCaptureCallback`, domains',
    reaches: 'as 7',
    deliveredBy: 'normal export',
    programs: [
      {
        name: 'setUncaughtExceptionCaptureCallback',
        program: 'set-capture-callback.mjs',
        ends: { code: 0, stdout: 'captured: the timer failed\nalive\n' },
        received: received([survived(TIMER)], OTHERS, survivedQuery(TIMER)),
      },
      {
        name: 'setUncaughtExceptionCaptureCallback, which throws',
        program: 'throw-in-capture-callback.mjs',
        ends: { code: 7, stderr: 'Error: the callback failed' },
        received: NOTHING,
        exits: [],
        because: NO_EXIT_EVENT,
      },
      {
        name: 'addUncaughtExceptionCaptureCallback',
        program: 'add-capture-callback.mjs',
        ends: { code: 0, stdout: 'captured: the timer failed\nalive\n' },
        received: received([fatal({ ...TIMER, stacktrace: 'of the program' })], OTHERS, survivedQuery(TIMER)),
        because:
          'Node does not tell whether such a callback was added (hasUncaughtExceptionCaptureCallback() is false), nor beforehand whether it will decline: the error is told as FATAL although the process survives.',
        elsewhere: [{ ...withoutAddCapture, received: received([fatal(noSuchCallback)]) }],
      },
      {
        name: 'addUncaughtExceptionCaptureCallback, which declines',
        program: 'decline-in-capture-callback.mjs',
        ends: dies('Error: the timer failed', 'declined: the timer failed\n'),
        received: diesOf(TIMER),
        elsewhere: [{ ...withoutAddCapture, received: received([fatal(noSuchCallback)], OTHERS) }],
      },
      {
        name: 'a domain that handles it',
        program: 'survive-in-domain.cjs',
        ends: { code: 0, stdout: 'in the domain: the timer failed\nalive\n' },
        received: received([survived(TIMER)], OTHERS, survivedQuery(TIMER)),
      },
      {
        name: 'a domain that does not handle it',
        program: 'die-in-domain.cjs',
        ends: dies('Error: the timer failed'),
        received: diesOf(TIMER),
      },
    ],
  },
  {
    row: 10,
    ending:
      'throw of a non-Error: string, number, null, undefined, plain object, frozen error, error with a throwing getter, Proxy',
    reaches: 'as 1',
    deliveredBy: 'exit',
    programs: [
      thrownValue('string', 'string', 'only a string', 'none'),
      thrownValue('number', 'number', '42', 'none'),
      thrownValue('null', 'null', 'null', 'none'),
      thrownValue('undefined', 'undefined', 'undefined', 'none'),
      thrownValue('boolean', 'boolean', 'false', 'none'),
      thrownValue('bigint', 'bigint', '10', 'none'),
      thrownValue('symbol', 'symbol', 'Symbol(a symbol)', 'none', 'throw value;'),
      thrownValue('function', 'function', '[Function: refund]', 'none'),
      thrownValue('plain object', 'Object', "{ code: 'E_STOCK', left: 0 }", 'none'),
      thrownValue('object without prototype', 'Object', 'no prototype', 'none'),
      thrownValue('error-like object', 'StockError', 'nothing left', 'other'),
      thrownValue('frozen error', 'Error', 'frozen', 'as printed'),
      thrownValue('error with a throwing getter', 'Error', 'Error', 'other', 'Node.js v'),
      thrownValue(
        'error whose every property throws',
        'Proxy',
        'Error: behind a proxy',
        'of the program',
        'throw value;',
      ),
      thrownValue('proxy of an error', 'Proxy', 'Error: behind a proxy', 'as printed'),
      thrownValue('revoked proxy', 'Proxy', '<Revoked Proxy>', 'none', 'throw value;'),
    ],
  },
  {
    row: 11,
    ending: '`cause` chain, AggregateError, circular cause, 1 MB message, stack overflow',
    reaches: 'as 1',
    deliveredBy: 'exit',
    programs: [
      thrownValue('error of a class of its own', 'PaymentError', 'the card was refused', 'as printed'),
      thrownValue('error with a code', 'Error', 'stock is empty', 'as printed'),
      thrownValue('error without a message', 'Error', 'Error', 'as printed', 'throw value;'),
      thrownValue('error without a stack', 'Error', 'no stack', 'as printed'),
      thrownValue('cause chain', 'Error', 'the order failed', 'as printed'),
      thrownValue('cause that is no error', 'Error', 'the order failed', 'as printed'),
      thrownValue('AggregateError', 'AggregateError', 'both failed', 'as printed'),
      thrownValue('circular cause', 'Error', 'round and round', 'as printed'),
      {
        name: 'message of 1 MB',
        program: 'throw-megabyte.cjs',
        ends: dies('a megabyte and '),
        received: diesOf({ message: `${'x'.repeat(60)}…`, stacktrace: 'other' }),
      },
      crash('stack overflow', 'overflow-stack.mjs', 'Maximum call stack size exceeded', 'RangeError'),
    ],
  },
  {
    row: 12,
    ending: '`process.exit(n)`, also at once after start, inside a handler, inside an `exit` listener',
    reaches: 'exit',
    deliveredBy: 'exit',
    programs: [
      { name: 'at once after start, ESM', program: 'exit-at-once.mjs', ends: { code: 3 }, received: ENDS_QUIETLY },
      { name: 'at once after start, CommonJS', program: 'exit-at-once.cjs', ends: { code: 3 }, received: ENDS_QUIETLY },
      {
        name: 'inside an http handler',
        program: 'exit-in-http-handler.mjs',
        ends: { code: 4 },
        received: received([], OTHERS, [open('POST'), open('query', { parent: 'POST' })]),
      },
      {
        name: 'inside an exit listener',
        program: 'exit-in-exit-listener.mjs',
        ends: { code: 5, stdout: 'would be 3\n' },
        received: ENDS_QUIETLY,
      },
      {
        name: 'an exit listener sets the exit code',
        program: 'set-exit-code-in-exit-listener.mjs',
        ends: { code: 9 },
        received: ENDS_QUIETLY,
      },
      {
        name: 'exit listeners that trace, registered early, late, once and at the front',
        program: 'trace-in-exit-listeners.mjs',
        ends: {
          code: 6,
          stdout: 'registered at the front 6\nregistered first 6\nregistered once 6\nregistered last 6\n',
        },
        received: received([], OTHERS, [
          ended('registered at the front'),
          ended('registered first'),
          ended('registered once'),
          ended('registered last'),
        ]),
      },
      {
        name: 'an exit listener that traces, registered in the turn of a crash',
        program: 'trace-in-exit-listener-of-crash.mjs',
        ends: dies('Error: the timer failed', 'code 1\n'),
        received: received([fatal({ ...TIMER, span: null })], OTHERS, [ended('registered last')]),
      },
      {
        name: 'an exit listener that throws',
        program: 'throw-in-exit-listener.mjs',
        beside: { preload: 'listen-to-exit' },
        because: 'Node calls several listeners from another line of node:events than a single one.',
        ends: { code: 3, stderr: 'Error: the exit listener failed' },
        received: diesOf({ message: 'the exit listener failed' }),
      },
    ],
  },
  {
    row: 13,
    ending: 'the loop drains, with or without `process.exitCode`',
    reaches: 'exit',
    deliveredBy: 'exit',
    programs: [
      {
        name: 'without an exit code',
        program: 'drain.mjs',
        ends: { code: 0, stdout: 'done\n' },
        received: ENDS_QUIETLY,
      },
      {
        name: 'with an exit code',
        program: 'drain-with-exit-code.mjs',
        ends: { code: 7, stdout: 'done\n' },
        received: ENDS_QUIETLY,
      },
      {
        name: 'twice, by a beforeExit listener',
        program: 'drain-twice.mjs',
        ends: { code: 0, stdout: 'cleaned\n' },
        received: received([], OTHERS, [ended('cleaning')]),
      },
    ],
  },
  {
    row: 14,
    ending: "SIGTERM/SIGINT with the application's own handler calling `shutdown()`",
    reaches: 'the application',
    deliveredBy: 'shutdown()',
    programs: [
      ...(['SIGTERM', 'SIGINT'] as const).map((signal) => ({
        name: `${signal}: shutdown(), then process.exit()`,
        program: 'await-shutdown-on-signal.mjs',
        signal,
        callsSwansong: true as const,
        ends: { code: 0, stdout: `ready\nstopping: ${signal}\n` },
        received: stopped(ENDS_QUIETLY),
      })),
      {
        name: 'SIGTERM: shutdown(), then the loop drains',
        program: 'await-shutdown-and-drain.mjs',
        signal: 'SIGTERM',
        callsSwansong: true,
        ends: { code: 0, stdout: 'ready\nok: true\n' },
        received: stopped(ENDS_QUIETLY),
      },
      {
        name: 'SIGTERM: forceFlush(), then process.exit()',
        program: 'flush-on-signal.mjs',
        signal: 'SIGTERM',
        callsSwansong: true,
        ends: { code: 0, stdout: 'ready\nok: true\n' },
        received: ENDS_QUIETLY,
      },
    ],
  },
  {
    row: 15,
    ending: 'the same, `process.exit()` called without waiting for `shutdown()`',
    reaches: 'exit',
    deliveredBy: 'exit',
    programs: [
      {
        name: 'SIGTERM: shutdown() and process.exit() at once',
        program: 'exit-without-awaiting-shutdown.mjs',
        signal: 'SIGTERM',
        callsSwansong: true,
        ends: { code: 0, stdout: 'ready\n' },
        received: stopped(ENDS_QUIETLY),
      },
      ...(
        [
          ['SIGTERM', 143],
          ['SIGINT', 130],
          ['SIGHUP', 129],
        ] as const
      ).map(([signal, code]) => ({
        name: `${signal}: process.exit() and no shutdown()`,
        program: 'exit-on-signal.mjs',
        signal,
        ends: { code, stdout: 'ready\n' },
        received: ENDS_QUIETLY,
      })),
    ],
  },
  {
    row: 16,
    ending: 'shutdown in the wrong order: spans end after `shutdown()` resolved',
    reaches: 'the outbox stays open',
    deliveredBy: 'exit, with one warning that names the mistake',
    programs: [
      {
        name: 'a request ends after shutdown()',
        program: 'shut-down-before-server.mjs',
        callsSwansong: true,
        warns: SHUTDOWN_TOO_EARLY('1 span (swansong/http)'),
        ends: { code: 0 },
        received: stopped(received([], OTHERS, [ended('POST')])),
      },
    ],
  },
  {
    row: 17,
    ending: 'an error thrown while shutting down; shutdown called twice; shutdown before start',
    reaches: 'report',
    deliveredBy: 'shutdown() / exit',
    programs: [
      {
        name: 'an error thrown while shutdown() is under way',
        program: 'throw-while-shutting-down.mjs',
        ...trampolineOn22,
        signal: 'SIGTERM',
        callsSwansong: true,
        ends: dies('Error: closing failed', 'ready\n'),
        received: stopped(received([fatal({ message: 'closing failed', span: null })], OTHERS, OPEN_QUERY)),
      },
      {
        name: 'an error thrown after shutdown()',
        program: 'throw-after-shutdown.mjs',
        signal: 'SIGTERM',
        callsSwansong: true,
        ends: dies('Error: closing failed', 'ready\n'),
        received: stopped(received([fatal({ message: 'closing failed', span: null })], OTHERS, OPEN_QUERY)),
      },
      {
        name: 'shutdown() called three times',
        program: 'shut-down-twice.mjs',
        callsSwansong: true,
        ends: { code: 0, stdout: '[ true, true, true ]\n' },
        received: stopped(ENDS_QUIETLY),
      },
      {
        name: 'shutdown() before there is any telemetry',
        program: 'shut-down-first.mjs',
        callsSwansong: true,
        warns: SHUTDOWN_TOO_EARLY('1 span (app)'),
        ends: { code: 0, stdout: 'ok: true\n' },
        received: ENDS_QUIETLY,
      },
    ],
  },
  {
    row: 18,
    ending: 'worker thread: uncaught error, `worker.terminate()`, normal end',
    reaches: "the worker's own exit, or the parent",
    deliveredBy: 'exit of the worker',
    programs: [
      {
        name: 'uncaught error that the parent handles',
        program: 'throw-in-worker.mjs',
        exits: [0, 1],
        ends: { code: 0, stdout: 'handled: the worker failed\nended with 1\n' },
        received: received([survived(WORKER)], OTHERS, failedQuery(WORKER), MAIN_OPEN),
      },
      {
        name: 'uncaught error that nobody handles',
        program: 'throw-in-worker-unheard.mjs',
        exits: [1, 1],
        ends: dies('Error: the worker failed'),
        received: received(
          [survived({ ...WORKER, stacktrace: 'as printed' }), fatal({ ...WORKER, span: null })],
          OTHERS,
          failedQuery(WORKER),
          MAIN_OPEN,
        ),
      },
      {
        name: 'unhandled rejection',
        program: 'reject-in-worker.mjs',
        exits: [0, 1],
        ends: { code: 0, stdout: 'handled: the worker failed\nended with 1\n' },
        received: received([survived(WORKER)], OTHERS, failedQuery(WORKER), MAIN_OPEN),
      },
      {
        name: 'normal end',
        program: 'end-worker.mjs',
        exits: [0, 0],
        ends: { code: 0, stdout: 'done\nended with 0\n' },
        received: received([], OTHERS, OPEN_QUERY, MAIN_OPEN),
      },
      {
        name: 'normal end, preloaded by NODE_OPTIONS',
        program: 'end-worker.mjs',
        preload: 'node-options',
        exits: [0, 0],
        ends: { code: 0, stdout: 'done\nended with 0\n' },
        received: received([], OTHERS, OPEN_QUERY, MAIN_OPEN),
      },
      {
        name: 'process.exit() in the worker',
        program: 'exit-in-worker.mjs',
        exits: [1, 3],
        ends: { code: 1, stdout: 'ended with 3\n' },
        received: received([], OTHERS, OPEN_QUERY, MAIN_OPEN),
      },
      {
        name: 'worker.terminate()',
        program: 'terminate-worker.mjs',
        exits: [0],
        because: NO_MORE_JAVASCRIPT,
        ends: { code: 0, stdout: 'terminated with 1\n' },
        received: received([], MAIN_OPEN),
      },
      {
        name: 'process.exit() in the main thread while a worker works',
        program: 'exit-while-worker-works.mjs',
        exits: [3],
        because: NO_MORE_JAVASCRIPT,
        ends: { code: 3 },
        received: received([], MAIN_OPEN),
      },
      {
        name: 'uncaught error in the main thread while a worker works',
        program: 'throw-while-worker-works.mjs',
        exits: [1],
        because: NO_MORE_JAVASCRIPT,
        ends: dies('Error: the main thread failed'),
        received: received([fatal({ message: 'the main thread failed', span: null })], MAIN_OPEN),
      },
      {
        name: "a library's worker (pino with a transport), crash",
        program: 'log-by-pino-and-throw.mjs',
        ends: dies('Error: the timer failed', LOG),
        received: logged(diesOf(TIMER), 1000),
      },
      {
        name: "a library's worker (pino with a transport), process.exit()",
        program: 'log-by-pino-and-exit.mjs',
        ends: { code: 3, stdout: LOG },
        received: logged(ENDS_QUIETLY, 1000),
      },
      {
        name: "a library's worker (pino with a transport), the loop drains",
        program: 'log-by-pino-and-drain.mjs',
        ends: { code: 0, stdout: LOG },
        received: logged(ENDS_QUIETLY, 1000),
      },
    ],
  },
  {
    row: 19,
    ending: 'cluster worker crash, `child_process.fork` child crash',
    reaches: 'as 1 in the child',
    deliveredBy: 'exit of the child',
    programs: [
      {
        name: 'cluster worker crash',
        program: 'throw-in-cluster-worker.mjs',
        exits: [0, 1],
        ends: { code: 0, stdout: 'worker ended with 1 null\n', stderr: 'Error: the worker failed' },
        received: received([fatal(WORKER)], OTHERS, failedQuery(WORKER), [open('in the primary')]),
      },
      {
        name: 'fork child crash',
        program: 'throw-in-forked-child.mjs',
        exits: [0, 1],
        ends: { code: 0, stdout: 'child ended with 1 null\n', stderr: 'Error: the child failed' },
        received: received(
          [fatal({ message: 'the child failed' })],
          OTHERS,
          failedQuery({ message: 'the child failed' }),
          [open('in the parent')],
        ),
      },
      {
        name: 'process.exit() in a fork child',
        program: 'exit-in-forked-child.mjs',
        exits: [0, 3],
        ends: { code: 0, stdout: 'child ended with 3 null\n' },
        received: received([], OTHERS, OPEN_QUERY, [open('in the parent')]),
      },
      {
        name: 'a fork child whose parent disconnects',
        program: 'disconnect-forked-child.mjs',
        exits: [0, 0],
        ends: { code: 0, stdout: 'disconnected\nchild ended with 0 null\n' },
        received: received([], OTHERS, OPEN_QUERY, [open('in the parent')]),
      },
    ],
  },
  {
    row: 20,
    ending: 'crash while an export is in flight',
    reaches: 'the batch is sent again (at least once)',
    deliveredBy: 'exit',
    programs: [
      {
        name: 'crash while an export is in flight',
        program: 'throw-when-told.mjs',
        ...trampolineOn22,
        env: { OTEL_BSP_SCHEDULE_DELAY: '0' },
        input: 'fail\n',
        ends: dies('Error: told to fail', 'ready\n'),
        received: diesOf({ message: 'told to fail' }),
      },
    ],
  },
  {
    row: 21,
    ending: 'crash with 2048 spans waiting',
    reaches: 'as 1',
    deliveredBy: 'exit, within the budget',
    programs: [
      {
        name: 'crash with 2048 spans waiting',
        program: 'throw-with-2048-spans.mjs',
        ends: dies('Error: the timer failed'),
        received: received([fatal(TIMER)], failedQuery(TIMER), [ended('finished', { parent: 'query', count: 2048 })]),
      },
    ],
  },
  {
    row: 22,
    ending: 'backend https with a private CA, mTLS, gzip, headers, http/json, http/protobuf',
    reaches: 'as 1',
    deliveredBy: 'exit',
    programs: [
      crashTo('http/protobuf', { transport: PROTOBUF }),
      crashTo('http/json', { env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, transport: JSON_BODY }),
      crashTo('gzip', {
        env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
        transport: { ...PROTOBUF, encoding: 'gzip' },
      }),
      crashTo('http/json, gzip', {
        env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
        transport: { ...JSON_BODY, encoding: 'gzip' },
      }),
      crashTo('headers', {
        env: { OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=secret%20key' },
        transport: { ...PROTOBUF, apiKey: 'secret key' },
      }),
      crashTo('https with a private CA', {
        tls: 'server',
        env: { OTEL_EXPORTER_OTLP_CERTIFICATE: authority },
        transport: PROTOBUF,
      }),
      crashTo('mTLS', {
        tls: 'mutual',
        env: {
          OTEL_EXPORTER_OTLP_CERTIFICATE: authority,
          OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: clientCertificate.cert,
          OTEL_EXPORTER_OTLP_CLIENT_KEY: clientCertificate.key,
        },
        transport: { ...PROTOBUF, client: 'swansong test client' },
      }),
    ],
  },
];
