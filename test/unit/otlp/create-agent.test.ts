import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, globalAgent } from 'node:https';
import { Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createAgent, type TlsFiles } from '../../../src/otlp/create-agent.ts';

const NO_TLS: TlsFiles = { ca: undefined, key: undefined, cert: undefined };
const HTTPS = new URL('https://collector:4318');

/** What was given to the constructor. */
function optionsOf(agent: HttpAgent): unknown {
  onTestFinished(() => agent.destroy());
  return Reflect.get(agent, 'options');
}

/** As Node's own agents with NODE_USE_ENV_PROXY. */
function withProxy(): void {
  const options: unknown = Reflect.get(globalAgent, 'options');
  if (typeof options !== 'object' || options === null) throw new Error('expected the options of Node’s agent');
  Reflect.set(options, 'proxyEnv', { HTTPS_PROXY: 'http://proxy:3128' });
  onTestFinished(() => void Reflect.deleteProperty(options, 'proxyEnv'));
}

it('of a plain URL it has as many connections as asked for', () => {
  const agent = createAgent(new URL('http://collector:4318'), NO_TLS, 3);
  expect(agent).not.toBeInstanceOf(HttpsAgent);
  expect(agent).toBeInstanceOf(HttpAgent);
  expect(optionsOf(agent)).toMatchObject({ keepAlive: true, maxSockets: 3, maxFreeSockets: 3 });
});

it('of https it has the files of TLS, as Buffers', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const tls = { ca: bytes('ca'), key: bytes('key'), cert: bytes('cert'), passphrase: 'p', rejectUnauthorized: false };
  const agent = createAgent(HTTPS, tls, 1);
  expect(agent).toBeInstanceOf(HttpsAgent);
  const { ca, key, cert } = Object(optionsOf(agent));
  expect([ca, key, cert]).toEqual([Buffer.from('ca'), Buffer.from('key'), Buffer.from('cert')]);
  expect([ca, key, cert].every((file) => Buffer.isBuffer(file))).toBe(true);
  expect(optionsOf(agent)).toMatchObject({ passphrase: 'p', rejectUnauthorized: false });
});

it('what is not given of TLS is not there: Node’s defaults hold', () => {
  const options = optionsOf(createAgent(HTTPS, NO_TLS, 1));
  for (const name of ['ca', 'key', 'cert', 'passphrase', 'rejectUnauthorized', 'timeout', 'proxyEnv']) {
    expect(options).not.toHaveProperty(name);
  }
});

it('through a proxy a tunnel has a time limit, and does not keep the process alive while it is opened', () => {
  withProxy();
  const unreferenced = vi.spyOn(Socket.prototype, 'unref');
  onTestFinished(() => void vi.restoreAllMocks());
  const socket = new Socket();
  const connected = vi.spyOn(HttpsAgent.prototype, 'createConnection').mockImplementation(() => socket);
  const agent = createAgent(HTTPS, NO_TLS, 1);
  expect(optionsOf(agent)).toMatchObject({ timeout: 10_000, proxyEnv: { HTTPS_PROXY: 'http://proxy:3128' } });
  expect(agent.createConnection({ host: 'collector' })).toBe(socket);
  expect(connected).toHaveBeenCalledTimes(1);
  expect(unreferenced).toHaveBeenCalledTimes(1);
});
