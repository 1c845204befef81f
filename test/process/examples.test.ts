import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { environmentOf, readDeployment } from '../support/manifests.ts';
import { ownNodeSdkProgram } from '../support/own-node-sdk.ts';
import type { ReceivedSpan, Value } from '../support/received-telemetry.ts';
import { type Fixture, startFixture } from '../support/run-fixture.ts';
import { type OnTestFinished, whenTestEnds } from '../support/when-test-ends.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const SERVERS = ['node-http', 'express', 'fastify'] as const;
const LOCAL = { HOST: '127.0.0.1', PORT: '0' };

interface Serving {
  readonly fixture: Fixture;
  readonly backend: Backend;
  readonly url: string;
}

async function serve(
  server: string,
  options: { env?: Record<string, string>; nodeArguments?: readonly string[] },
  onTestFinished: OnTestFinished,
): Promise<Serving> {
  const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
  const { env, nodeArguments } = options;
  const fixture = startFixture({
    program: join(repository, `examples/${server}/server.mjs`),
    ...(nodeArguments === undefined ? {} : { preload: 'none', nodeArguments }),
    env: { ...env, ...LOCAL, OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_METRICS_EXPORTER: 'none' },
    onTestFinished,
  });
  const line = await fixture.line('listening on ');
  return { fixture, backend, url: line.slice('listening on '.length) };
}

/** The status, or why there was none. */
function ask(url: string, agent: Agent | false = false): Promise<number | string> {
  return new Promise((resolve) => {
    get(url, { agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    }).once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

const text = (value: Value | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** One line for a span: of a request its path and status, the error that was recorded on it, and whether it ended by itself. */
function describeSpan({ name, attributes, events }: ReceivedSpan): string {
  const path = attributes['url.path'];
  return [
    path === undefined ? name : `${name} ${text(path)} ${text(attributes['http.response.status_code'])}`,
    ...events.map((event) => `${event.name}: ${text(event.attributes['exception.message'])}`),
    ...(attributes['swansong.span.interrupted'] === true ? ['interrupted'] : []),
  ].join(', ');
}

/** Only a framework has routes. */
const nameOf = (server: (typeof SERVERS)[number], route: string): string =>
  server === 'node-http' ? 'GET' : `GET ${route}`;

/** How many there are of each. */
function tally(items: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1;
  return counts;
}

describe.concurrent.each(SERVERS)('examples/%s', (server) => {
  it('docker stop: every request in flight is answered, its spans are delivered, exit code 0', async ({
    onTestFinished,
  }) => {
    const { fixture, backend, url } = await serve(server, {}, onTestFinished);
    const keepAlive = new Agent({ keepAlive: true });
    onTestFinished(() => keepAlive.destroy());
    const before = await ask(`${url}/ready`, keepAlive);
    const answers = Promise.all([
      ask(`${url}/reports/2024`, keepAlive),
      ask(`${url}/reports/2025`),
      ask(`${url}/reports/2025`),
      ask(`${url}/reports/1999`),
    ]);
    // The server takes connections in their order: when this one is answered, it has the others.
    const ready = await ask(`${url}/ready`);
    fixture.kill('SIGTERM');
    expect({
      readiness: [before, ready],
      answers: await answers,
      ...(await fixture.result),
      received: tally(backend.acknowledgedSpans().map(describeSpan)),
    }).toEqual({
      readiness: [200, 200],
      answers: [200, 200, 200, 500],
      code: 0,
      signal: null,
      stdout: `listening on ${url}\n`,
      stderr: '',
      received: {
        [`${nameOf(server, '/ready')} /ready 200`]: 2,
        [`${nameOf(server, '/reports/:year')} /reports/2024 200`]: 1,
        [`${nameOf(server, '/reports/:year')} /reports/2025 200`]: 2,
        [`${nameOf(server, '/reports/:year')} /reports/1999 500, exception: no books of 1999`]: 1,
        'create report': 4,
      },
    });
  });

  it('Kubernetes, with deployment.yaml: behind a load balancer that probes, no client sees an error', async ({
    onTestFinished,
  }) => {
    const [container] = readDeployment('deployment.yaml').spec.template.spec.containers;
    const [, ...nodeArguments] = container.command;
    expect(nodeArguments.pop()).toBe('server.mjs');
    const { fixture, backend, url } = await serve(
      server,
      { env: environmentOf(container), nodeArguments },
      onTestFinished,
    );
    const { periodSeconds, failureThreshold, httpGet } = container.readinessProbe;

    let inRotation = true;
    const probe = async (): Promise<(number | string)[]> => {
      const statuses: (number | string)[] = [];
      for (let failures = 0; inRotation;) {
        const status = await ask(`${url}${httpGet.path}`);
        statuses.push(status);
        failures = status === 200 ? 0 : failures + 1;
        if (failures === failureThreshold) inRotation = false;
        else await delay(periodSeconds * 1000);
      }
      return statuses;
    };
    const keepAsking = async (agent: Agent | false): Promise<(number | string)[]> => {
      const statuses = [];
      while (inRotation) statuses.push(await ask(`${url}/reports/2025`, agent));
      return statuses;
    };
    const keepAlive = new Agent({ keepAlive: true });
    onTestFinished(() => keepAlive.destroy());

    const before = await ask(`${url}${httpGet.path}`);
    const clients = Promise.all([keepAsking(keepAlive), keepAsking(keepAlive), keepAsking(false), keepAsking(false)]);
    fixture.kill('SIGTERM');
    const readiness = await probe();
    // A probe may be quicker than the signal.
    const stillReady = readiness.filter((status) => status === 200).length;
    const answers = (await clients).flat();
    expect({
      readiness: [before, ...readiness.slice(stillReady)],
      answers: tally(answers),
      ...(await fixture.result),
      received: tally(backend.acknowledgedSpans().map(describeSpan)),
      pods: tally(backend.acknowledgedSpans().map(({ resource }) => text(resource['k8s.pod.name']))),
    }).toEqual({
      readiness: [200, ...Array.from({ length: failureThreshold }, () => 503)],
      answers: { 200: answers.length },
      code: 0,
      signal: null,
      stdout: `listening on ${url}\n`,
      stderr: '',
      received: {
        [`${nameOf(server, httpGet.path)} ${httpGet.path} 200`]: 1 + stillReady,
        [`${nameOf(server, httpGet.path)} ${httpGet.path} 503`]: failureThreshold,
        [`${nameOf(server, '/reports/:year')} /reports/2025 200`]: answers.length,
        'create report': answers.length,
      },
      pods: { '<metadata.name>': 1 + readiness.length + 2 * answers.length },
    });
  });
});

describe.concurrent('examples/cli', () => {
  const start = (backend: Backend, stdin: string | undefined, onTestFinished: OnTestFinished): Fixture =>
    startFixture({
      program: join(repository, 'examples/cli/import-orders.mjs'),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_METRICS_EXPORTER: 'none' },
      ...(stdin === undefined ? {} : { stdin }),
      onTestFinished,
    });
  const received = (backend: Backend) => ({
    spans: tally(backend.acknowledgedSpans().map(describeSpan)),
    exitCodes: backend
      .acknowledgedLogRecords()
      .filter(({ eventName }) => eventName === 'swansong.process.exited')
      .map(({ attributes }) => attributes['process.exit.code']),
  });

  it('process.exit() while spans are open: ended and open spans are delivered', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const orders = await readFile(join(repository, 'examples/cli/orders.csv'), 'utf8');
    const end = await start(backend, orders, onTestFinished).result;
    expect({ ...end, received: received(backend) }).toEqual({
      code: 65,
      signal: null,
      stdout: 'imported coffee,2\nimported tea,1\n',
      stderr: 'not an order: mate,many\n',
      received: {
        spans: { 'import order': 2, 'import order, interrupted': 1, 'import orders, interrupted': 1 },
        exitCodes: [65],
      },
    });
  });

  it('SIGTERM while spans are open', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const job = start(backend, undefined, onTestFinished);
    job.write('coffee,2\n');
    await job.line('imported coffee');
    job.kill('SIGTERM');
    expect({ ...(await job.result), received: received(backend) }).toEqual({
      code: 143,
      signal: null,
      stdout: 'imported coffee,2\n',
      stderr: '',
      received: { spans: { 'import order': 1, 'import orders, interrupted': 1 }, exitCodes: [143] },
    });
  });

  it('an end without an error', async ({ onTestFinished }) => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    const end = await start(backend, 'coffee,2\n', onTestFinished).result;
    expect({ ...end, received: received(backend) }).toEqual({
      code: 0,
      signal: null,
      stdout: 'imported coffee,2\n',
      stderr: '',
      received: { spans: { 'import order': 1, 'import orders': 1 }, exitCodes: [0] },
    });
  });
});

describe.concurrent('examples/own-nodesdk', () => {
  const serveOrders = async (onTestFinished: OnTestFinished): Promise<Serving> => {
    const backend = await startBackend({ kind: 'ok' }, { onTestFinished });
    // A copy, where its packages are installed.
    const folder = ownNodeSdkProgram('0.301', 'example');
    const fixture = startFixture({
      program: join(folder, 'server.cjs'),
      preload: 'none',
      nodeArguments: ['--import', join(folder, 'instrumentation.mjs')],
      env: { ...LOCAL, OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
      onTestFinished,
    });
    const line = await fixture.line('listening on ');
    return { fixture, backend, url: line.slice('listening on '.length) };
  };
  const spansOf = (backend: Backend) => tally(backend.acknowledgedSpans().map(describeSpan));

  it('SIGTERM: the request in flight is answered, its spans are delivered, exit code 0', async ({ onTestFinished }) => {
    const { fixture, backend, url } = await serveOrders(onTestFinished);
    const answer = ask(`${url}/orders/7`);
    // The server takes connections in their order.
    const second = await ask(`${url}/orders/8`);
    fixture.kill('SIGTERM');
    expect({ answers: [await answer, second], ...(await fixture.result), received: spansOf(backend) }).toEqual({
      answers: [200, 200],
      code: 0,
      signal: null,
      stdout: `listening on ${url}\n`,
      stderr: '',
      received: { 'GET /orders/7 200': 1, 'GET /orders/8 200': 1, 'load order': 2 },
    });
  });

  it('an error that nobody catches: told on the span it happened in', async ({ onTestFinished }) => {
    const { fixture, backend, url } = await serveOrders(onTestFinished);
    const answer = await ask(`${url}/orders/none`);
    const { stderr, ...end } = await fixture.result;
    expect({
      answer,
      ...end,
      error: stderr.split('\n').find((line) => line.startsWith('Error')),
      received: spansOf(backend),
      records: backend
        .acknowledgedLogRecords()
        .map(({ eventName, severityText }) => `${severityText} ${eventName}`)
        .filter((record) => record.startsWith('FATAL')),
    }).toEqual({
      answer: 'ECONNRESET',
      code: 1,
      signal: null,
      stdout: `listening on ${url}\n`,
      error: 'Error: no order none',
      received: {
        'GET /orders/none undefined, interrupted': 1,
        'load order, exception: no order none, interrupted': 1,
      },
      records: ['FATAL exception'],
    });
  });
});

it('examples/kubernetes/operator: a Pod as the Operator modifies it instruments an application without swansong', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'swansong-operator-'));
  whenTestEnds(() => rm(folder, { recursive: true }));
  const volume = join(folder, 'otel-auto-instrumentation-nodejs');
  // As operator.Dockerfile builds it.
  const installed = join(volume, 'node_modules/swansong');
  await mkdir(installed, { recursive: true });
  for (const part of ['package.json', 'dist'])
    await cp(join(repository, part), join(installed, part), { recursive: true });
  const entry = join(volume, 'autoinstrumentation.js');
  await cp(join(repository, 'examples/kubernetes/autoinstrumentation.cjs'), entry);
  const application = join(folder, 'app/server.mjs');
  await mkdir(dirname(application));
  await cp(join(repository, 'examples/tour/stock.mjs'), application);

  const backend = await startBackend();
  const [container] = readDeployment('operator.yaml').spec.template.spec.containers;
  const env = environmentOf(container);
  const fixture = startFixture({
    program: application,
    preload: 'none',
    env: {
      ...env,
      NODE_OPTIONS: `${env['NODE_OPTIONS']} --require ${entry}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: backend.url,
      OTEL_METRICS_EXPORTER: 'none',
    },
  });
  const line = await fixture.line('listening on ');
  const url = line.slice(line.indexOf('http://'));
  const answer = await ask(`${url}/stock/coffee`);
  fixture.kill('SIGTERM');
  expect({ answer, ...(await fixture.result), received: backend.acknowledgedSpans().map(describeSpan) }).toEqual({
    answer: 200,
    code: 0,
    signal: null,
    stdout: `stock listening on ${url}\n`,
    stderr: '',
    received: ['GET /stock/coffee 200'],
  });
});
