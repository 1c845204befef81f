import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type Backend, startBackend } from '../support/backend.ts';
import { authority } from '../support/certificates.ts';
import { type Fixture, startFixture } from '../support/run-fixture.ts';
import { Conditions, waitFor } from '../support/wait-for.ts';

/** Exit codes of the fixture, which takes them from the report. */
const CLEAN = 3;
const CUT = 4;
/** Far more than a clean drain needs: a test that waits for it to pass fails at its own limit. */
const LONG = { timeoutMillis: 60_000 };
/** Leaves the connections half of it. */
const SHORT = { timeoutMillis: 1500 };

interface Reported {
  readonly ok: boolean;
  readonly timedOut: boolean;
  readonly servers: readonly { connectionsDestroyed: number; requestsCut: number; connectionsLeft: number }[];
  readonly closed: readonly { index: number; ok: boolean; error?: string }[];
  readonly telemetry: { ok: boolean };
  readonly errors: readonly string[];
}

class Program {
  readonly #fixture: Fixture;
  readonly backend: Backend;
  readonly port: number;

  private constructor(fixture: Fixture, backend: Backend, port: number) {
    this.#fixture = fixture;
    this.backend = backend;
    this.port = port;
  }

  static async serving(kind: string, options: object = LONG): Promise<Program> {
    const backend = await startBackend();
    const fixture = startFixture({
      program: 'graceful/serve.mjs',
      args: [kind, JSON.stringify(options)],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_METRICS_EXPORTER: 'none' },
    });
    const line = await fixture.line('port ');
    return new Program(fixture, backend, Number(line.slice('port '.length)));
  }

  prints(text: string): Promise<string> {
    return this.#fixture.line(text);
  }

  printed(pattern: RegExp): string[] {
    return this.#fixture.stdout.split('\n').filter((line) => pattern.test(line));
  }

  release(name: string): void {
    this.#fixture.write(`${name}\n`);
  }

  /** SIGTERM; resolves when nobody can connect any longer. */
  async drain(): Promise<void> {
    this.#fixture.kill('SIGTERM');
    await this.prints('draining');
    let refused = false;
    const probe = (): void => {
      const socket = connect(this.port, '127.0.0.1', () => {
        socket.destroy();
        probe();
      });
      socket.on('error', () => (refused = true));
    };
    probe();
    await waitFor(() => refused, 'connections to be refused');
  }

  /** That it ends by itself with the exit code, and what it reported. */
  async endsWith(code: number): Promise<Reported> {
    const { stdout, ...end } = await this.#fixture.result;
    assert.deepEqual(end, { code, signal: null, stderr: '' });
    const line = stdout.split('\n').find((text) => text.startsWith('report ')) ?? '';
    const report: Reported = JSON.parse(line.slice('report '.length));
    return report;
  }

  /** Of the requests that swansong instruments. */
  spanCount(): number {
    return this.#ended(/^(GET|POST)/).length;
  }

  ownSpans(): string[] {
    return this.#ended(/^(stream|message)/).toSorted();
  }

  /** Without those that were delivered only because the process ended. */
  #ended(pattern: RegExp): string[] {
    const spans = this.backend.acknowledgedSpans();
    const ended = spans.filter(({ attributes }) => attributes['swansong.span.interrupted'] !== true);
    return ended.map(({ name }) => name).filter((name) => pattern.test(name));
  }
}

/** A client that shows every byte and how the connection ended. */
class RawClient {
  readonly #conditions = new Conditions();
  readonly socket: Socket;
  received = '';
  ended: string | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.received += text;
      this.#conditions.changed();
    });
    const end = (how: string): void => {
      this.ended ??= how;
      this.#conditions.changed();
    };
    socket.on('end', () => end('end'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.on('close', () => end('close'));
    onTestFinished(() => void socket.destroy());
  }

  static async to(port: number, secure = false): Promise<RawClient> {
    const socket = secure
      ? connectTls({ port, host: '127.0.0.1', ca: readFileSync(authority), ALPNProtocols: ['http/1.1'] })
      : connect(port, '127.0.0.1');
    await once(socket, secure ? 'secureConnect' : 'connect');
    return new RawClient(socket);
  }

  get(...paths: string[]): void {
    this.socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: swansong\r\n\r\n`).join(''));
  }

  until(pattern: string): Promise<true> {
    return this.#conditions.until(
      () => this.received.includes(pattern) || undefined,
      pattern,
      () => `${this.received}\n(${this.ended ?? 'open'})`,
    );
  }

  end(): Promise<string> {
    return this.#conditions.until(
      () => this.ended,
      'the end of the connection',
      () => this.received,
    );
  }

  /** The `Connection` header of each answer. */
  connectionHeaders(): string[] {
    return [...this.received.matchAll(/^Connection: (.*)\r$/gim)].map(([, value]) => value ?? '');
  }
}

const CLEAN_REPORT = {
  ok: true,
  timedOut: false,
  servers: [{ ok: true, connectionsDestroyed: 0, requestsCut: 0, connectionsLeft: 0 }],
  telemetry: { ok: true },
  errors: [],
};

describe.each(['http', 'https', 'http2Secure', 'express', 'fastify'])('HTTP/1 by %s', (kind) => {
  const secure = ['https', 'http2Secure'].includes(kind);
  const serving = async (options?: object) => {
    const program = await Program.serving(kind, options);
    const client = await RawClient.to(program.port, secure);
    return { program, client };
  };

  it('a slow request in flight is answered with Connection: close, and its span is delivered', async () => {
    const { program, client } = await serving();
    client.get('/slow');
    await program.prints('held slow');
    await program.drain();
    program.release('slow');
    expect(await client.end()).toBe('end');
    expect(client.received).toContain('done slow');
    expect(client.connectionHeaders()).toEqual(['close']);
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
    expect(program.spanCount()).toBe(1);
  });

  it('a request that arrives on a keep-alive connection during the drain is answered, then the connection is closed', async () => {
    const { program, client } = await serving();
    client.get('/now');
    await client.until('now');
    await program.drain();
    client.get('/late');
    await program.prints('held late');
    program.release('late');
    expect(await client.end()).toBe('end');
    expect(client.received).toContain('done late');
    expect(client.connectionHeaders()).toEqual(['keep-alive', 'close']);
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
    expect(program.spanCount()).toBe(2);
  });

  it('idle connections, used and unused, are closed without a reset', async () => {
    const { program, client } = await serving();
    const unused = await RawClient.to(program.port, secure);
    client.get('/now');
    await client.until('now');
    await program.drain();
    expect(await client.end()).toBe('end');
    expect(await unused.end()).toBe('end');
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
  });
});

describe.each(['ownClose', 'ownCloseHttps', 'ownCloseHttp2'])('a server with a close() of its own, %s', (kind) => {
  it('has it called, which ends Node’s check for slow requests; idle connections get their grace', async () => {
    const program = await Program.serving(kind);
    await program.prints('checks: 1');
    const client = await RawClient.to(program.port, kind !== 'ownClose');
    client.get('/now');
    await client.until('now');
    await program.drain();
    await program.prints('own close');
    await program.prints('the check has ended');
    client.get('/late');
    await program.prints('held late');
    program.release('late');
    await client.until('done late');
    expect(client.connectionHeaders()).toEqual(['keep-alive', 'close']);
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
    // Its own closeIdleConnections() is in its place again, and was not called for close().
    expect(program.printed(/^own/)).toEqual(['own close', 'own closeIdleConnections']);
  });
});

describe.each(['http', 'https'])('several requests on one connection of node:%s', (kind) => {
  const serving = async () => {
    const program = await Program.serving(kind);
    const client = await RawClient.to(program.port, kind === 'https');
    return { program, client };
  };

  it('pipelined before the drain: all are answered, only the last with Connection: close', async () => {
    const { program, client } = await serving();
    client.get('/a', '/b', '/c');
    await program.prints('held c');
    await program.drain();
    for (const name of ['a', 'b', 'c']) {
      program.release(name);
      await client.until(`done ${name}`);
    }
    expect(await client.end()).toBe('end');
    expect(client.connectionHeaders()).toEqual(['keep-alive', 'keep-alive', 'close']);
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
    expect(program.spanCount()).toBe(3);
  });

  it('pipelined during the drain after one in flight: all are answered, only the last with Connection: close', async () => {
    const { program, client } = await serving();
    client.get('/a');
    await program.prints('held a');
    await program.drain();
    client.get('/b', '/c');
    await program.prints('held c');
    for (const name of ['c', 'b', 'a']) program.release(name);
    expect(await client.end()).toBe('end');
    expect(client.received.match(/done \w/g)).toEqual(['done a', 'done b', 'done c']);
    expect(client.connectionHeaders()).toEqual(['keep-alive', 'keep-alive', 'close']);
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
    expect(program.spanCount()).toBe(3);
  });

  it('pipelined during the drain to a handler that answers at once: all are answered', async () => {
    const { program, client } = await serving();
    client.get('/now');
    await client.until('now');
    await program.drain();
    client.get('/now', '/now', '/now');
    expect(await client.end()).toBe('end');
    expect(client.received.match(/HTTP\/1.1 200/g)).toHaveLength(4);
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
    expect(program.spanCount()).toBe(4);
  });

  it('a chunked upload in progress and a streamed answer in progress are finished', async () => {
    const { program, client } = await serving();
    client.socket.write('POST /upload HTTP/1.1\r\nHost: swansong\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n');
    await program.prints('uploading');
    const download = await RawClient.to(program.port, kind === 'https');
    download.get('/stream');
    await download.until('first ');
    await program.drain();
    client.socket.write('6\r\nsecond\r\n0\r\n\r\n');
    await client.until('11 bytes');
    expect(await client.end()).toBe('end');
    expect(client.connectionHeaders()).toEqual(['close']);
    program.release('stream');
    await download.until('last');
    expect(await download.end()).toBe('end');
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
    expect(program.spanCount()).toBe(2);
  });

  it('a request whose client has gone is not waited for, and its span is delivered', async () => {
    const { program, client } = await serving();
    client.get('/gone');
    await program.prints('held gone');
    await program.drain();
    client.socket.destroy();
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
    expect(program.spanCount()).toBe(1);
  });

  it('a request that never ends is destroyed at the deadline and counted, and its span is delivered', async () => {
    const program = await Program.serving(kind, SHORT);
    const client = await RawClient.to(program.port, kind === 'https');
    const partial = await RawClient.to(program.port, kind === 'https');
    client.get('/never');
    await program.prints('held never');
    partial.socket.write('GET /part HTTP/1.1\r\nHo');
    await program.drain();
    expect(await program.endsWith(CUT)).toMatchObject({
      ok: false,
      timedOut: true,
      servers: [{ ok: false, connectionsDestroyed: 2, requestsCut: 2, connectionsLeft: 0 }],
      telemetry: { ok: true },
      errors: ['servers[0]: 2 connections destroyed at the deadline, 2 requests cut'],
    });
    expect(program.spanCount()).toBe(1);
    expect(client.received).toBe('');
  });
});

const HANDSHAKE = [
  'GET /chat HTTP/1.1',
  'Host: swansong',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

describe.each(['http', 'https'])('an upgraded socket of node:%s', (kind) => {
  const upgraded = async (options: object) => {
    const program = await Program.serving(kind, options);
    const client = await RawClient.to(program.port, kind === 'https');
    client.socket.write(HANDSHAKE);
    await client.until('101 Switching Protocols');
    return { program, client };
  };

  it('is closed by the callback', async () => {
    const { program, client } = await upgraded({ ...LONG, endUpgraded: true });
    await program.drain();
    expect(await client.end()).toBe('end');
    expect(client.received).toMatch(/bye$/);
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
  });

  it('stays open until the deadline, then it is destroyed and counted', async () => {
    const { program, client } = await upgraded(SHORT);
    await program.drain();
    client.socket.write('still here');
    await client.until('still here');
    expect(await program.endsWith(CUT)).toMatchObject({
      ok: false,
      timedOut: true,
      servers: [{ connectionsDestroyed: 1, requestsCut: 0, connectionsLeft: 0 }],
    });
  });
});

describe.each(['ws', 'wss'])('a WebSocket of the package ws, %s', (kind) => {
  it('gets the reply to its message, then close code 1001, and its span is delivered', async () => {
    const program = await Program.serving(kind, { ...LONG, endUpgraded: true });
    const client = new WebSocket(`${kind}://127.0.0.1:${program.port}`, { ca: readFileSync(authority) });
    onTestFinished(() => client.terminate());
    const messages: string[] = [];
    client.on('message', (data: Buffer) => messages.push(data.toString()));
    const closed = once(client, 'close');
    await once(client, 'open');
    client.send('slow');
    await program.prints('held slow');
    await program.drain();
    program.release('slow');
    const [status, reason] = await closed;
    expect({ messages, status, reason: String(reason) }).toEqual({
      messages: ['done slow'],
      status: 1001,
      reason: 'restarting',
    });
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
    expect(program.ownSpans()).toEqual(['message slow']);
  });

  it('is destroyed at the deadline if its client never answers the close frame', async () => {
    const program = await Program.serving(kind, { ...SHORT, endUpgraded: true });
    const client = await RawClient.to(program.port, kind === 'wss');
    client.socket.write(HANDSHAKE);
    await client.until('101 Switching Protocols');
    await program.drain();
    await client.until('restarting');
    expect(await program.endsWith(CUT)).toMatchObject({
      ok: false,
      timedOut: true,
      servers: [{ ok: false, connectionsDestroyed: 1, requestsCut: 0, connectionsLeft: 0 }],
      telemetry: { ok: true },
      errors: ['servers[0]: 1 connection destroyed at the deadline, 0 requests cut'],
    });
  });
});

describe.each(['http2', 'http2Secure'])('node:http2, %s', (kind) => {
  const session = async (program: Program): Promise<ClientHttp2Session> => {
    const scheme = kind === 'http2' ? 'http' : 'https';
    const client = connectHttp2(`${scheme}://127.0.0.1:${program.port}`, { ca: readFileSync(authority) });
    onTestFinished(() => client.destroy());
    await once(client, 'remoteSettings');
    return client;
  };
  const ask = async (client: ClientHttp2Session, path: string): Promise<string> => {
    const stream = client.request({ ':path': path }).setEncoding('utf8');
    let body = '';
    for await (const text of stream) body += String(text);
    return body;
  };

  it('open streams finish, the client gets GOAWAY', async () => {
    const program = await Program.serving(kind);
    const client = await session(program);
    const answers = Promise.all([ask(client, '/a'), ask(client, '/b')]);
    await program.prints('held a');
    await program.prints('held b');
    const goaway = once(client, 'goaway');
    await program.drain();
    expect(await goaway).toContain(0);
    program.release('a');
    program.release('b');
    expect(await answers).toEqual(['done a', 'done b']);
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
    expect(program.ownSpans()).toEqual(['stream /a', 'stream /b']);
  });

  it('idle sessions are closed: used ones at once, one that was never used after its first stream', async () => {
    const program = await Program.serving(kind);
    const used = await session(program);
    const unused = await session(program);
    expect(await ask(used, '/now')).toBe('now');
    const goaway = once(used, 'goaway');
    await program.drain();
    expect(await goaway).toContain(0);
    expect(await ask(unused, '/now')).toBe('now');
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
    expect(program.ownSpans()).toEqual(['stream /now', 'stream /now']);
  });

  it('streams that never end are destroyed at the deadline and counted', async () => {
    const program = await Program.serving(kind, SHORT);
    const client = await session(program);
    const answers = Promise.allSettled([ask(client, '/a'), ask(client, '/b')]);
    await program.prints('held b');
    client.on('error', () => {});
    await program.drain();
    expect(await program.endsWith(CUT)).toMatchObject({
      timedOut: true,
      servers: [{ connectionsDestroyed: 1, requestsCut: 2, connectionsLeft: 0 }],
    });
    await answers;
    expect(program.ownSpans()).toEqual(['stream /a', 'stream /b']);
  });
});

describe('node:net', () => {
  it('connections stay open until their client ends them', async () => {
    const program = await Program.serving('net');
    const client = await RawClient.to(program.port);
    client.socket.write('before ');
    await client.until('before ');
    await program.drain();
    client.socket.end('after');
    await client.until('before after');
    expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
  });

  it('connections are destroyed at the deadline', async () => {
    const program = await Program.serving('net', SHORT);
    const client = await RawClient.to(program.port);
    client.socket.write('before');
    await client.until('before');
    await program.drain();
    expect(await program.endsWith(CUT)).toMatchObject({ servers: [{ connectionsDestroyed: 1, requestsCut: 0 }] });
  });
});

describe('functions in close', () => {
  it('one that hangs and one that throws do not stop the others, and what they record is delivered', async () => {
    const program = await Program.serving('http', { ...SHORT, closing: ['hang', 'throw', 'trace'] });
    await program.drain();
    const { closed, ...report } = await program.endsWith(CUT);
    expect(closed).toMatchObject([
      { index: 0, ok: false, error: expect.stringMatching(/^close\[0\]: did not end within the \d+ ms it had$/) },
      { index: 1, ok: false, error: 'close[1]: no database' },
      { index: 2, ok: true },
    ]);
    expect(report).toMatchObject({ ok: false, timedOut: true, servers: CLEAN_REPORT.servers, telemetry: { ok: true } });
    expect(program.backend.acknowledgedSpans().map(({ name }) => name)).toEqual(['db.end']);
  });

  it('a request that never ends leaves them their time', async () => {
    const program = await Program.serving('http', { ...SHORT, closing: ['trace'] });
    const client = await RawClient.to(program.port);
    client.get('/never');
    await program.prints('held never');
    await program.drain();
    expect(await program.endsWith(CUT)).toMatchObject({ closed: [{ index: 0, ok: true }] });
    expect(program.backend.acknowledgedSpans().map(({ name }) => name)).toContain('db.end');
  });
});

it('new connections are served during the readiness delay', async () => {
  const program = await Program.serving('http', { ...LONG, readinessDelayMillis: 1500 });
  const draining = program.drain();
  await program.prints('draining');
  const client = await RawClient.to(program.port);
  client.get('/now');
  await client.until('now');
  expect(client.connectionHeaders()).toEqual(['keep-alive']);
  await draining;
  expect(await program.endsWith(CLEAN)).toMatchObject(CLEAN_REPORT);
});
