import { once } from 'node:events';
import { connect } from 'node:net';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { diag } from '@opentelemetry/api';
import { afterEach, assert, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isUntraced } from '../../../src/otlp/untraced.ts';
import { HttpEndpoint } from '../../../src/self-metrics/http-endpoint.ts';
import { openSocket, send, untilClosed } from '../collector/support/http-client.ts';
import { debugVars } from '../../../src/self-metrics/debug-vars.ts';
import { ScrapeReader } from '../../../src/self-metrics/scrape-reader.ts';

const endpoints: HttpEndpoint[] = [];
afterEach(() => {
  for (const endpoint of endpoints.splice(0)) endpoint.close();
});

interface Serving {
  readonly scrape?: () => Promise<never>;
  readonly host?: string;
  readonly allowedHosts?: readonly string[];
}

async function serve(options: Serving = {}) {
  const reader = new ScrapeReader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test', '1.0');
  const lines: string[] = [];
  const start = (port: number) => {
    const endpoint = new HttpEndpoint({
      address: { host: options.host ?? '127.0.0.1', port },
      allowedHosts: options.allowedHosts ?? [],
      scrape: options.scrape ?? (() => reader.scrape()),
      report: (line) => lines.push(line),
    });
    endpoints.push(endpoint);
    return endpoint.listening;
  };
  const url = await start(0);
  assert(url !== undefined);
  return { meter, url, lines, start };
}

describe('/metrics', () => {
  it('is the text format of Prometheus', async () => {
    const { meter, url } = await serve();
    meter.createCounter('a.b', { description: 'What it is', unit: '{x}' }).add(3, { 'c.d': 'e"f' });
    const response = await fetch(`${url}/metrics?x=1`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    expect(text).toContain('# HELP a_b_total What it is\n');
    expect(text).toContain('# TYPE a_b_total counter\n');
    expect(text).toContain('a_b_total{c_d="e\\"f",otel_scope_name="test",otel_scope_version="1.0"} 3');
  });

  it('concurrent requests share one collection', async () => {
    const { meter, url } = await serve();
    let collections = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    meter.createObservableGauge('slow').addCallback(async (result) => {
      collections += 1;
      await promise;
      result.observe(1);
    });
    const answers = [1, 2, 3].map(() => fetch(`${url}/metrics`).then((response) => response.text()));
    // The health page is behind them on the way, and answers while they wait.
    await fetch(`${url}/healthz`);
    resolve();
    for (const text of await Promise.all(answers)) expect(text).toContain('slow{');
    expect(collections).toBeLessThan(3);
  });

  it('an observable that throws loses its metric, not the others', async () => {
    const { meter, url } = await serve();
    meter.createObservableGauge('bad').addCallback(() => {
      throw new Error('on purpose');
    });
    meter.createGauge('good').record(1);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('good{');
    expect(text).not.toContain('bad{');
  });

  it('answers 500 if nothing can be collected', async () => {
    const warnings: unknown[] = [];
    const log = (): void => {};
    diag.setLogger({ error: log, info: log, debug: log, verbose: log, warn: (text) => void warnings.push(text) });
    onTestFinished(() => diag.disable());
    const { url } = await serve({ scrape: () => Promise.reject(new Error('on purpose')) });
    const response = await fetch(`${url}/metrics`);
    expect([response.status, await response.text()]).toEqual([
      500,
      'metrics could not be collected: Error: on purpose\n',
    ]);
    expect(warnings).toEqual(['self-metrics could not be collected']);
  });
});

describe('/debug/vars', () => {
  it('has the values of all scopes that have a metric of that name', async () => {
    const reader = new ScrapeReader();
    const provider = new MeterProvider({ readers: [reader] });
    for (const scope of ['a', 'b']) provider.getMeter(scope).createGauge('same').record(1, { scope });
    expect(debugVars((await reader.scrape()).resourceMetrics)).toMatchObject({
      metrics: { same: { values: [{ attributes: { scope: 'a' } }, { attributes: { scope: 'b' } }] } },
    });
  });

  it('has the process and every metric, and not the arguments of the command line', async () => {
    const { meter, url } = await serve();
    meter.createCounter('a.b', { unit: '{x}' }).add(3, { c: 'd' });
    meter.createHistogram('h', { advice: { explicitBucketBoundaries: [1] } }).record(0.5);
    const response = await fetch(`${url}/debug/vars`);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const vars: unknown = await response.json();
    expect(vars).toMatchObject({
      cmdline: ['node', process.argv[1]],
      pid: process.pid,
      version: process.version,
      uptime_seconds: expect.any(Number),
      memstats: {
        rss: expect.any(Number),
        heapUsed: expect.any(Number),
        external: expect.any(Number),
        heap_size_limit: expect.any(Number),
      },
      active_resources: { total: expect.any(Number), by_type: expect.any(Object) },
      resource: { 'telemetry.sdk.language': 'nodejs' },
      metrics: {
        'a.b': { unit: '{x}', values: [{ attributes: { c: 'd' }, value: 3 }] },
        h: {
          unit: '',
          values: [{ attributes: {}, value: { count: 1, sum: 0.5, buckets: { boundaries: [1], counts: [1, 0] } } }],
        },
      },
    });
  });
});

/** fetch() sets Host itself. */
async function get(url: string, path: string, host: string): Promise<readonly [number, string]> {
  const { status, body } = await send(`http://127.0.0.1:${new URL(url).port}${path}`, {
    method: 'GET',
    headers: { host },
  });
  return [status, body.toString()];
}

describe('a request for another host', () => {
  it.each(['/metrics', '/debug/vars', '/healthz', '/nothing'])('%s is 421 and tells nothing', async (path) => {
    const { url } = await serve();
    expect(await get(url, path, 'evil.example:9464')).toEqual([
      421,
      'host: expected localhost, the address that this endpoint listens on or an allowed host (got "evil.example:9464"); allow it by SWANSONG_SELF_METRICS_HTTP_ALLOWED_HOSTS\n',
    ]);
  });

  it.each([
    ['127.0.0.1', [], 'localhost:9464', 200],
    ['127.0.0.1', [], 'reports:9464', 421],
    ['127.0.0.1', ['app.example'], 'app.example:9464', 200],
    ['0.0.0.0', [], 'reports:9464', 200],
    ['0.0.0.0', [], '192.0.2.1:9464', 200],
    ['0.0.0.0', [], 'evil.example', 421],
    ['0.0.0.0', ['.example'], 'app.example', 200],
  ] as const)('on %s with %j: %s is %i', async (host, allowedHosts, name, status) => {
    const { url } = await serve({ host, allowedHosts });
    expect((await get(url, '/debug/vars', name))[0]).toBe(status);
  });

  it('is known by the target where that is absolute, which is accepted', async () => {
    const { url } = await serve();
    const statuses = [];
    for (const [host, named] of [
      ['localhost', 'evil.example'],
      ['evil.example', 'localhost'],
    ]) {
      const socket = await openSocket(url);
      socket.write(`GET http://${host}/healthz HTTP/1.1\r\nhost: ${named}\r\nconnection: close\r\n\r\n`);
      statuses.push((await untilClosed(socket)).split('\r\n')[0]);
    }
    expect(statuses).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 421 Misdirected Request']);
  });

  it('is told 100 characters of what it asked for', async () => {
    const { url } = await serve();
    const [status, body] = await get(url, '/healthz', `${'x'.repeat(150)}.example`);
    expect([status, body.includes(`(got "${'x'.repeat(100)}")`)]).toEqual([421, true]);
  });

  it('twice named is 400', async () => {
    const { url } = await serve();
    const socket = await openSocket(url);
    socket.write('GET /debug/vars HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n');
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 400 [^]*host: expected one header \(got 2\)\n$/);
  });
});

describe('the other pages', () => {
  it('answers HEAD without a body, and /healthz', async () => {
    const { url } = await serve();
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n');
  });

  it.each(['/', '/metric', '/metrics/', '/debug', '//metrics'])('GET %s is 404', async (path) => {
    const { url } = await serve();
    const response = await fetch(`${url}${path}`);
    expect([response.status, await response.text()]).toEqual([
      404,
      'not found; there are /metrics, /debug/vars, /healthz\n',
    ]);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is 405', async (method) => {
    const { url } = await serve();
    const response = await fetch(`${url}/metrics`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

it('a port in use is reported once', async () => {
  const { url, lines, start } = await serve();
  const { port } = new URL(url);
  expect(await start(Number(port))).toBe(undefined);
  expect(lines).toEqual([`cannot serve self-metrics on 127.0.0.1:${port}: the port is in use; going on without it`]);
});

it('close ends open connections', async () => {
  const { url } = await serve();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  endpoints[0]?.close();
  socket.resume();
  await closed;
  expect(socket.destroyed).toBe(true);
});

it('an address that is not of this machine is reported as what it is, and nothing is served', async () => {
  const lines: string[] = [];
  const endpoint = new HttpEndpoint({
    address: { host: '192.0.2.1', port: 0 },
    allowedHosts: [],
    scrape: () => Promise.reject(new Error('not reached')),
    report: (line) => lines.push(line),
  });
  endpoints.push(endpoint);
  expect(await endpoint.listening).toBe(undefined);
  expect(lines).toEqual([
    expect.stringMatching(/^cannot serve self-metrics on 192\.0\.2\.1:0: listen EADDRNOTAVAIL.*; going on without it$/),
  ]);
});

it('its requests are left untraced', async () => {
  const created = vi.spyOn(process.getBuiltinModule('node:http'), 'createServer');
  await serve();
  expect(created.mock.results.map(({ value }) => isUntraced(value))).toEqual([true]);
  created.mockRestore();
});
