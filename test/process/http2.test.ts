import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { authority, serverCertificate } from '../support/certificates.ts';
import { nodeMajor, nodeMinor } from '../support/program-node.ts';
import { runFixture } from '../support/run-fixture.ts';

/** Node 22.15 has no channels for it: then there is nothing, and the program runs as it would. */
const publishes = nodeMajor > 22 || nodeMinor >= 23;

it('a program that serves and calls by HTTP/2 has spans of both sides', async () => {
  const backend = await startBackend();
  const result = await runFixture({
    program: 'http2.mjs',
    // undici 6 and 7 call HTTP/2 experimental.
    nodeArguments: ['--no-warnings'],
    args: [serverCertificate.key, serverCertificate.cert],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, NODE_EXTRA_CA_CERTS: authority },
  });
  expect(result).toEqual({
    code: 0,
    signal: null,
    stdout: '{"fetched":"2","order":"order 7","list":["a","b"]}\n',
    stderr: '',
  });
  const spans = backend
    .spans()
    .filter(({ scope }) => scope.name === 'swansong/http2' || scope.name === 'swansong/undici')
    .map(({ kind, name, attributes, status }) => ({
      kind,
      name: name.split(' ')[0],
      path: attributes['url.path'] ?? pathOf(attributes['url.full']),
      status: attributes['http.response.status_code'],
      error: status.code === 2,
    }));
  const [SERVER, CLIENT] = [2, 3];
  const both = (name: string, path: string) =>
    [SERVER, CLIENT].map((kind) => ({ kind, name, path, status: 200, error: false }));
  // That of the client is fetch's own.
  const [served, fetched] = both('GET', '/fetched');
  const ofHttp2 = [
    served,
    ...both('GET', '/orders/7'),
    ...both('POST', '/shop.Orders/Get'),
    ...both('POST', '/shop.Orders/List'),
  ];
  expect(spans.toSorted(byPath)).toEqual([...(publishes ? ofHttp2 : []), fetched].toSorted(byPath));
});

const pathOf = (url: unknown): unknown => (typeof url === 'string' ? URL.parse(url)?.pathname : undefined);

/** The order in which streams of one moment end is of no interest. */
const byPath = (one: unknown, other: unknown): number => key(one).localeCompare(key(other));

function key(span: unknown): string {
  const { path, kind } = Object(span);
  return `${path} ${kind}`;
}
