import { EventEmitter } from 'node:events';
import { createServer, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import { createServer as createNetServer, Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { proxyOf } from '../../../src/node-internals/agent-proxy.ts';
import { http1ConnectionsOf } from '../../../src/node-internals/http1-connections.ts';
import { isNewestOn, keepOpenAfter, responseOn } from '../../../src/node-internals/http1-exchange.ts';
import { http2SessionsOf, openStreams } from '../../../src/node-internals/http2-sessions.ts';
import { runBefore } from '../../../src/node-internals/run-before.ts';
import { socketsOf } from '../../../src/node-internals/server-sockets.ts';
import { tlsSocketOver } from '../../../src/node-internals/tls-socket-over.ts';

/** An object that stands where Node's has its private part. */
function withSymbol<T extends object>(owner: T, description: string, value: unknown): T {
  return Object.assign(owner, { [Symbol(description)]: value });
}

describe('where Node has something else in the place of a private part', () => {
  it('there are no sockets without process._getActiveHandles, nor by one that answers otherwise', () => {
    const server = createNetServer();
    for (const other of [undefined, () => undefined, () => [null, {}, new Socket()]]) {
      vi.stubGlobal('process', Object.create(process, { _getActiveHandles: { value: other } }));
      onTestFinished(() => void vi.unstubAllGlobals());
      expect(socketsOf(server)).toEqual([]);
    }
  });

  it.each([
    ['none', createNetServer()],
    ['no object', withSymbol(createNetServer(), 'http.server.connections', 7)],
    ['no methods', withSymbol(createNetServer(), 'http.server.connections', {})],
    ['no array', withSymbol(createNetServer(), 'http.server.connections', { all: () => 7, idle: () => 7 })],
    ['no sockets', withSymbol(createNetServer(), 'http.server.connections', { all: () => [{}, null], idle: () => [] })],
  ])('there are no HTTP/1 connections: %s', (_what, server) => {
    expect(http1ConnectionsOf(server)).toEqual([]);
  });

  it('no response, which is not the newest one, and nothing to keep open', () => {
    const socket = new Socket();
    const [request] = [{ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 }];
    const response: ServerResponse = Reflect.construct(ServerResponse, [request]);
    expect(responseOn(socket)).toBe(undefined);
    expect(responseOn(Object.assign(socket, { _httpMessage: {} }))).toBe(undefined);
    expect(isNewestOn(socket, response)).toBe(false);
    expect(isNewestOn(Object.assign(socket, { parser: 7 }), response)).toBe(false);
    Reflect.deleteProperty(response, '_last');
    keepOpenAfter(response);
    expect('_last' in response).toBe(false);
  });

  it('no HTTP/2 sessions and no streams', () => {
    const server = Object.assign(createNetServer(), { updateSettings: () => {} });
    expect(http2SessionsOf(server)).toEqual([]);
    expect(http2SessionsOf(withSymbol(server, 'sessions', [7, {}, null]))).toEqual([]);
    const session = new EventEmitter() as ServerHttp2Session;
    expect(openStreams(session)).toBe(0);
    expect(openStreams(withSymbol(session, 'state', { streams: {} }))).toBe(0);
  });

  it('no TLS socket, and no listener of the application is called for it', () => {
    const listener = vi.fn<() => void>();
    expect(tlsSocketOver(new Socket().on('connect', listener))).toBe(undefined);
    expect(listener).not.toHaveBeenCalled();
  });

  it.each([{}, { options: 7 }, { options: {} }, { options: { proxyEnv: 'http://127.0.0.1' } }])(
    'no proxy: %j',
    (agent) => {
      expect(proxyOf(agent)).toBe(undefined);
    },
  );

  it('nothing of a plain server is taken for a part of another', () => {
    expect([http2SessionsOf(createServer()), http1ConnectionsOf(createServer())]).toEqual([[], []]);
  });
});

describe('runBefore', () => {
  it('passes on this, the arguments and the result, and looks like the original', () => {
    const owner = {
      base: 2,
      add(first: number, second: number): number {
        return this.base + first + second;
      },
    };
    const before = vi.fn<(parameters: readonly unknown[]) => void>();
    const attributes = Object.getOwnPropertyDescriptor(owner, 'add');
    expect(runBefore(owner, 'add', before)).toBeTypeOf('function');
    expect(owner.add(3, 4)).toBe(9);
    expect(before).toHaveBeenCalledExactlyOnceWith([3, 4]);
    expect([owner.add.name, owner.add.length]).toEqual(['add', 2]);
    expect({ ...Object.getOwnPropertyDescriptor(owner, 'add'), value: 0 }).toEqual({ ...attributes, value: 0 });
  });

  it('replaces nothing where there is no function, or where it cannot be replaced', () => {
    const owner = {};
    expect(runBefore(owner, 'add', () => {})).toBeUndefined();
    expect(owner).toEqual({});
    const frozen = Object.freeze({ add: () => 1 });
    expect(runBefore(frozen, 'add', () => {})).toBeUndefined();
    expect(frozen.add()).toBe(1);
  });
});
