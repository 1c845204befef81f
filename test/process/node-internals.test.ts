import { expect, it } from 'vitest';
import { nodeMajor, nodeMinor } from '../support/program-node.ts';
import { runFixture } from '../support/run-fixture.ts';

interface Part {
  /** The probe of test/fixtures/node-internals/probe.mjs. */
  readonly probe: string;
  readonly args?: readonly string[];
  readonly nodeArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What swansong can no longer do where Node has changed it. */
  readonly breaks: string;
  /** Each line that the probe prints. */
  readonly finds: readonly unknown[];
  /** Default 0. */
  readonly code?: number;
  /** The Node versions that have it. Default: all. */
  readonly on?: boolean;
}

const rejections = (mode: string): Part => ({
  probe: 'unhandledRejection',
  nodeArguments: [`--unhandled-rejections=${mode}`],
  breaks: `under --unhandled-rejections=${mode} a rejection is not recorded`,
  finds: ['nobody handles it'],
  code: mode === 'warn-with-error-code' ? 1 : 0,
});

const http1 = { unused: [nodeMajor >= 26], partial: [false], answering: [true], answered: [true] };
const PROXY = 'http://127.0.0.1:9';

const PARTS: readonly Part[] = [
  {
    probe: 'reallyExit',
    breaks: 'process.reallyExit: what an exit listener records before it calls process.exit() is lost',
    finds: [5, 5],
    code: 5,
  },
  {
    probe: 'exitingByExit',
    breaks: 'process._exiting: what an exit listener throws that was added in the turn of process.exit() is lost',
    finds: [
      [false, true],
      [false, true],
    ],
  },
  {
    probe: 'exitingByError',
    breaks: 'process._exiting: a crash is delivered in uncaughtExceptionMonitor, before the exit event',
    finds: [
      ['monitor', false],
      ['exit', true],
      ['monitor', false],
      ['exit', true],
    ],
    code: 1,
  },
  {
    probe: 'unhandledRejection',
    args: ['listen'],
    breaks: 'process.emit: a rejection that the application listens to is not recorded',
    finds: ['nobody handles it'],
  },
  rejections('warn'),
  rejections('none'),
  rejections('warn-with-error-code'),
  {
    probe: 'serverSockets',
    breaks:
      'process._getActiveHandles, socket._server: gracefulShutdown() does not destroy connections of node:net and upgraded ones',
    finds: [{ handles: 'function', found: 1, same: true }],
  },
  {
    probe: 'serverSocketsUnderTls',
    breaks: 'process._getActiveHandles: gracefulShutdown() does not close TLS connections that send nothing',
    finds: [[false]],
  },
  {
    probe: 'http1Connections',
    breaks: 'the symbol http.server.connections: gracefulShutdown() waits for idle connections until the deadline',
    finds: [[http1, http1, http1]],
  },
  {
    probe: 'response',
    breaks: 'socket._httpMessage: answers to requests from before gracefulShutdown() do not say Connection: close',
    finds: [{ before: 'none', answering: true }],
  },
  {
    probe: 'newest',
    breaks: 'socket.parser.incoming: answers to requests from before gracefulShutdown() do not say Connection: close',
    finds: [[false, true]],
  },
  {
    probe: 'keepOpen',
    breaks: 'response._last: of requests pipelined during gracefulShutdown() only the first is answered',
    finds: [['Connection: close', 'Connection: keep-alive', 'answered all the same']],
  },
  {
    probe: 'http2Sessions',
    breaks:
      'the symbols sessions and state of node:http2: gracefulShutdown() sends no GOAWAY and counts no streams that it cuts',
    finds: [
      Array.from({ length: 2 }, () => ({ same: true, ...(nodeMajor >= 24 ? { listed: true } : {}), streams: [0, 1] })),
    ],
  },
  {
    probe: 'sessionOnSocket',
    on: nodeMajor === 22,
    breaks: 'the session on its socket: gracefulShutdown() sends no GOAWAY to clients of node:http2 on Node 22',
    finds: [true],
  },
  {
    probe: 'tlsSocket',
    on: nodeMajor === 22,
    breaks: 'the TLS socket over a TCP socket: gracefulShutdown() sends no GOAWAY over TLS on Node 22',
    finds: [{ same: true, left: false }],
  },
  {
    probe: 'proxy',
    on: nodeMajor > 24 || (nodeMajor === 24 && nodeMinor >= 5) || (nodeMajor === 22 && nodeMinor >= 21),
    env: { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: PROXY },
    breaks: 'agent.options.proxyEnv: telemetry does not go through the proxy',
    finds: [[PROXY, PROXY], PROXY],
  },
  {
    probe: 'closeOfServers',
    breaks:
      'close() does not call this.closeIdleConnections(): gracefulShutdown() resets requests that are on their way on idle connections',
    finds: [['closeIdleConnections', 'closeIdleConnections', 'closeIdleConnections']],
  },
  {
    probe: 'closeOfSessions',
    breaks:
      'close() of node:http2 does not call close() of each session: gracefulShutdown() refuses the first stream of a client',
    finds: [nodeMajor >= 24 ? ['close', 'close'] : []],
  },
  {
    probe: 'emitOfExchanges',
    breaks: 'emit is not looked up for each event: listeners run outside of their request, and its span does not end',
    finds: [
      {
        request: ['close', 'data', 'end'],
        response: ['close', 'finish'],
        sent: ['close', 'finish', 'response'],
      },
    ],
  },
  {
    probe: 'emitOfStreams',
    breaks:
      'emit is not looked up for each event of an HTTP/2 stream: listeners run outside of their request, its span does not end',
    finds: [
      {
        // A server's stream is destroyed before it would emit `finish`.
        served: ['close true', 'data', 'end'],
        opened: ['close true', 'data', 'end', 'finish'],
      },
    ],
  },
  {
    probe: 'connectingSockets',
    breaks: 'net.client.socket, or the look-up of connect: queries of pg are not recorded',
    finds: [[['first'], ['second'], ['third']]],
  },
  {
    probe: 'renderedHead',
    breaks: 'request._header, outputData, outputSize: requests with Expect or an array of headers have no traceparent',
    finds: [[true, 1, 'ours', true, 1, 'ours']],
  },
  {
    probe: 'agent',
    breaks:
      'request.agent, request.socketPath, socket._httpMessage: server.port and the path of a Unix socket are wrong',
    finds: [{ same: true, its: true, anothers: false }, ['/nowhere/swansong.sock', 'none']],
  },
  {
    probe: 'dumped',
    breaks: 'response._dumped: a response that the application has given up is recorded as an error',
    finds: [
      [
        [false, true],
        [false, false],
      ],
    ],
  },
];

it.each(PARTS.filter(({ on = true }) => on))(
  '$breaks',
  async ({ probe, args = [], nodeArguments = [], env = {}, breaks, finds, code = 0 }) => {
    const { stdout, ...end } = await runFixture({
      program: 'node-internals/probe.mjs',
      preload: 'none',
      args: [probe, ...args],
      // The sources themselves, also on a Node 22 that wants to be asked.
      nodeArguments: ['--experimental-strip-types', '--disable-warning=ExperimentalWarning', ...nodeArguments],
      env,
    });
    const found = stdout.trim().split('\n');
    expect(found, `${breaks}\n${end.stderr}`).toEqual(finds.map((line) => JSON.stringify(line)));
    expect(end).toMatchObject({ code, signal: null });
  },
);
