import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Backend, startBackend } from './backend.ts';
import type { Behaviour } from './behaviour.ts';
import { authority, serverCertificate } from './certificates.ts';
import type { OnTestFinished } from './when-test-ends.ts';

/** A backend as a process meets it in its last moment. */
export interface EndingBackend {
  readonly name: string;
  readonly kind:
    | Behaviour
    /** Nobody listens on its port. */
    | 'refuses'
    /** Connections are accepted, and that is all: no byte is read, no TLS handshake answered. */
    | 'silent'
    /** Its name does not resolve. */
    | 'unresolvable';
  readonly tls?: 'server' | 'mutual';
  readonly env?: Readonly<Record<string, string>>;
  /**
   * `delivered`: everything arrives. `lost at once`: it is refused for good, and nobody waits. `lost in the end`: it is tried
   * again until the budget is over.
   */
  readonly outcome: 'delivered' | 'lost at once' | 'lost in the end';
}

const TRUSTED = { OTEL_EXPORTER_OTLP_CERTIFICATE: authority };

export const ENDING_BACKENDS: readonly EndingBackend[] = [
  { name: 'is reachable', kind: { kind: 'ok' }, outcome: 'delivered' },
  { name: 'is slow', kind: { kind: 'ok', latencyMillis: 200 }, outcome: 'delivered' },
  { name: 'answers 503 twice, then 200', kind: { kind: 'status', status: 503, times: 2 }, outcome: 'delivered' },
  {
    name: 'answers 429 and asks for a pause that there is time for',
    kind: { kind: 'status', status: 429, retryAfter: 1, times: 1 },
    outcome: 'delivered',
  },
  { name: 'resets twice, then answers', kind: { kind: 'reset', times: 2 }, outcome: 'delivered' },
  { name: 'breaks off its answer, then answers', kind: { kind: 'half', times: 2 }, outcome: 'delivered' },
  {
    name: 'has a certificate of a private CA',
    kind: { kind: 'ok' },
    tls: 'server',
    env: TRUSTED,
    outcome: 'delivered',
  },
  { name: 'refuses connections', kind: 'refuses', outcome: 'lost in the end' },
  { name: 'accepts and never answers', kind: { kind: 'mute' }, outcome: 'lost in the end' },
  { name: 'accepts and never reads', kind: 'silent', outcome: 'lost in the end' },
  {
    name: 'accepts and never answers, by TLS',
    kind: { kind: 'mute' },
    tls: 'server',
    env: TRUSTED,
    outcome: 'lost in the end',
  },
  {
    name: 'accepts and never answers the TLS handshake',
    kind: 'silent',
    tls: 'server',
    env: TRUSTED,
    outcome: 'lost in the end',
  },
  { name: 'always answers 503', kind: { kind: 'status', status: 503 }, outcome: 'lost in the end' },
  { name: 'always resets', kind: { kind: 'reset' }, outcome: 'lost in the end' },
  { name: 'always breaks off its answer', kind: { kind: 'half' }, outcome: 'lost in the end' },
  { name: 'has a name that does not resolve', kind: 'unresolvable', outcome: 'lost in the end' },
  {
    name: 'has a certificate of a CA that is not trusted',
    kind: { kind: 'ok' },
    tls: 'server',
    outcome: 'lost in the end',
  },
  {
    name: "wants the client's certificate, and gets none",
    kind: { kind: 'ok' },
    tls: 'mutual',
    env: TRUSTED,
    outcome: 'lost in the end',
  },
  {
    name: 'asks for a pause longer than there is time for',
    kind: { kind: 'status', status: 503, retryAfter: 60 },
    outcome: 'lost at once',
  },
  { name: 'answers 400', kind: { kind: 'status', status: 400 }, outcome: 'lost at once' },
  { name: 'answers 401', kind: { kind: 'status', status: 401 }, outcome: 'lost at once' },
  { name: 'accepts a part', kind: { kind: 'partial', rejected: 1, message: 'one too many' }, outcome: 'lost at once' },
];

export interface StartedBackend {
  readonly url: string;
  /** `undefined` where there is none that could receive anything. */
  readonly backend: Backend | undefined;
}

export async function startEndingBackend(
  { kind, tls }: EndingBackend,
  onTestFinished: OnTestFinished,
): Promise<StartedBackend> {
  // RFC 6761: no resolver may know a name under `invalid`.
  if (kind === 'unresolvable') return { url: 'http://collector.invalid:4318', backend: undefined };
  if (kind === 'silent') {
    const port = await listenInSilence(onTestFinished);
    return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, backend: undefined };
  }
  const backend = await startBackend(kind === 'refuses' ? { kind: 'ok' } : kind, {
    onTestFinished,
    ...(tls === undefined
      ? {}
      : { tls: { ...serverCertificate, ...(tls === 'mutual' ? { clientCa: authority } : {}) } }),
  });
  if (kind === 'refuses') await backend.stop();
  return { url: backend.url, backend };
}

async function listenInSilence(onTestFinished: OnTestFinished): Promise<number> {
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    onTestFinished(() => {
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return address.port;
}
