import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { Meter } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resolveConfig } from '../../../src/config/resolve-config.ts';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { type PipelineOptions, type SelfMetrics, startPipeline } from '../../../src/self-metrics/pipeline.ts';
import { runningPipelines } from '../../../src/self-metrics/running-pipelines.ts';
import { type SelfMetricsOptions, toPlan } from '../../../src/self-metrics/self-metrics-options.ts';
import { type SelfMetricsHost, startSelfMetricsOn } from '../../../src/self-metrics/start-self-metrics.ts';
import { serve } from '../../support/http-server.ts';
import { openFilesIn, temporaryFolder } from '../../support/temporary-folder.ts';
import { waitFor } from '../../support/wait-for.ts';

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function collector(status = 200) {
  const received: Received[] = [];
  const url = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end();
    });
  });
  return { received, url };
}

/** Starts nothing that outlives the test. */
function start(options: SelfMetricsOptions, parts: Partial<PipelineOptions> = {}) {
  const lines: string[] = [];
  const events: string[] = [];
  const pipeline = startPipeline(toPlan(options, resolveConfig({}).config.selfMetrics), {
    resource: resourceFromAttributes({ 'service.name': 'test' }),
    scope: { name: 'scope', version: '1.2.3' },
    report: (line) => lines.push(line),
    observeRuntime: () => {
      events.push('runtime observed');
      return () => void events.push('runtime left');
    },
    observeSdk: () => void events.push('SDK observed'),
    onEnd: () => void events.push('ended'),
    ...parts,
  });
  onTestFinished(async () => void (await pipeline.shutdown({ timeoutMillis: 0 })));
  return { pipeline, lines, events };
}

const names = (line: string): readonly string[] =>
  [...line.matchAll(/"name":"([a-z._]+)"/g)].map(([, name]) => name ?? '');

describe('startPipeline', () => {
  it('delivers a last collection to file and collector, and ends everything', async () => {
    const { received, url } = await collector();
    const folder = await temporaryFolder();
    const path = join(folder, 'self.jsonl');
    const { pipeline, lines, events } = start({
      file: path,
      http: 0,
      otlp: { endpoint: url, headers: { 'x-key': 'k' }, protocol: 'http/json' },
    });
    expect(events).toEqual(['runtime observed', 'SDK observed']);
    pipeline.meter.createCounter('own.count').add(2);
    pipeline.meterProvider.getMeter('another').createCounter('other.count').add(2);
    const base = await pipeline.listening;
    const scraped = await (await fetch(`${base}/metrics`)).text();
    for (const name of ['own_count', 'other_count', 'process_cpu_time', 'process_memory_usage', 'process_uptime'])
      expect(scraped).toContain(name);

    for (const mode of ['user', 'system']) expect(scraped).toContain(`cpu_mode="${mode}"`);

    const startedAt = performance.now();
    const report = await pipeline.shutdown();
    expect(report.durationMillis).toBeLessThanOrEqual(performance.now() - startedAt);
    expect(report).toMatchObject({
      ok: true,
      timedOut: false,
      file: { delivered: 1, undelivered: 0, dropped: {} },
      otlp: { delivered: 1, undelivered: 0, dropped: {} },
    });
    expect(events.slice(2)).toEqual(['runtime left', 'ended']);
    expect(await openFilesIn(folder)).toEqual([]);
    expect(lines).toEqual([]);
    await expect(fetch(`${base}/healthz`)).rejects.toThrow('fetch failed');
    const inFile = readFileSync(path, 'utf8');
    expect(names(inFile)).toEqual(expect.arrayContaining(['own.count', 'other.count', 'process.uptime']));
    expect(inFile).toContain('"stringValue":"test"');
    expect(received).toMatchObject([
      {
        path: '/v1/metrics',
        headers: { 'x-key': 'k', 'content-type': 'application/json', 'user-agent': 'scope/1.2.3' },
      },
    ]);
    expect(names(received[0]?.body ?? '')).toEqual(expect.arrayContaining(['own.count']));
    expect(report.durationMillis).toBeGreaterThan(0);
  });

  it('ends once, whoever calls', async () => {
    const { pipeline, events } = start({ file: join(await temporaryFolder(), 'self.jsonl') });
    expect(pipeline.shutdown()).toBe(pipeline.shutdown({ timeoutMillis: 7 }));
    await pipeline.shutdown();
    expect(events.filter((event) => event === 'ended')).toHaveLength(1);
  });

  it('refuses options of shutdown() that are none, and ends nothing', async () => {
    const { pipeline, events } = start({ file: join(await temporaryFolder(), 'self.jsonl') });
    expect(() => pipeline.shutdown({ timeoutMillis: -1 })).toThrow(
      'timeoutMillis: expected a number of milliseconds, 0 or more (got -1); nothing was ended',
    );
    expect(events).not.toContain('ended');
  });

  it('without exporters it observes nothing, and has nothing to deliver to', async () => {
    const { pipeline, events } = start({});
    expect(await pipeline.listening).toBe(undefined);
    expect(events).toEqual([]);
    expect(String(await pipeline.shutdown())).toBe('there was nothing to deliver to');
    expect(events).toEqual(['ended']);
  });

  it('works without the part that cannot be observed, and says which', async () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    const { pipeline, lines } = start({ http: 0 }, { observeRuntime: broken, observeSdk: broken });
    expect(await (await fetch(`${await pipeline.listening}/metrics`)).text()).toContain('process_uptime');
    expect(lines).toEqual(
      ['Node.js', 'swansong'].map((part) => `the metrics of ${part} are missing among the self-metrics: Error: broken`),
    );
  });

  it('says what a collector does not take, and how long it waited', async () => {
    const { url } = await collector(503);
    const { pipeline, lines } = start({ otlp: url });
    const report = await pipeline.shutdown({ timeoutMillis: 300 });
    expect(report).toMatchObject({
      ok: false,
      timedOut: true,
      file: undefined,
      otlp: { delivered: 0, undelivered: 1, error: new Error('HTTP 503') },
    });
    expect(report.durationMillis).toBeGreaterThan(250);
    expect(lines).toEqual([`cannot deliver telemetry to ${url} (self-metrics): HTTP 503; keeping it and trying again`]);
  });

  it('says what a collector refuses: that is lost, and not late', async () => {
    const { url } = await collector(400);
    const { pipeline, lines } = start({ otlp: { endpoint: url, compression: 'gzip' } });
    expect(await pipeline.shutdown()).toMatchObject({
      ok: false,
      timedOut: false,
      otlp: { delivered: 0, undelivered: 0, dropped: { refused: 1 } },
    });
    expect(lines).toEqual([
      `losing collections for ${url} (self-metrics) (refused): HTTP 400; further losses are only counted`,
    ]);
  });

  it('says at once of a file that cannot be written', async () => {
    const folder = await temporaryFolder();
    const { pipeline, lines } = start({ file: folder });
    await waitFor(() => lines.length > 0, 'the line');
    const report = await pipeline.shutdown({ timeoutMillis: 200 });
    expect(report).toMatchObject({ ok: false, timedOut: true, file: { delivered: 0, undelivered: 1 } });
    expect(lines).toEqual([
      expect.stringMatching(
        /^cannot deliver telemetry to the file of self-metrics .*: EISDIR.*; keeping it and trying again$/,
      ),
    ]);
  });
});

describe('the end of a process', () => {
  /** What was registered on `process` meanwhile. */
  function added(event: 'exit' | 'beforeExit', before: readonly unknown[]): readonly ((code: number) => void)[] {
    const now = event === 'exit' ? process.listeners('exit') : process.listeners('beforeExit');
    return now.filter((listener) => !before.includes(listener));
  }
  const listeners = (): Record<'exit' | 'beforeExit', readonly unknown[]> => ({
    exit: process.listeners('exit'),
    beforeExit: process.listeners('beforeExit'),
  });

  it('collects when the event loop has drained, and writes what is not written yet', async () => {
    const before = listeners();
    const path = join(await temporaryFolder(), 'self.jsonl');
    const { pipeline } = start({ file: path });
    pipeline.meter.createCounter('own.count').add(1);
    for (const drained of added('beforeExit', before.beforeExit)) drained(0);
    await new Promise(setImmediate);
    for (const exit of added('exit', before.exit)) exit(0);
    expect(names(readFileSync(path, 'utf8'))).toContain('own.count');
    const { length } = readFileSync(path, 'utf8');
    for (const exit of added('exit', before.exit)) exit(0);
    expect(readFileSync(path, 'utf8')).toHaveLength(length);
    await pipeline.shutdown();
    expect([added('exit', before.exit), added('beforeExit', before.beforeExit)]).toEqual([[], []]);
  });

  it('keeps the last word where not everything could be written', async () => {
    const before = listeners();
    const folder = await temporaryFolder();
    const { pipeline, lines } = start({ file: folder });
    await pipeline.shutdown({ timeoutMillis: 100 });
    const left = added('exit', before.exit);
    expect([left.length, added('beforeExit', before.beforeExit)]).toEqual([1, []]);
    lines.length = 0;
    for (const exit of left) exit(0);
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^cannot write the last 1 collection of self-metrics to ${folder}: EISDIR`)),
    ]);
    for (const exit of left) process.off('exit', exit);
  });
});

describe('startSelfMetricsOn', () => {
  function host(env: Record<string, string> = {}, values: Partial<SelfMetricsHost> = {}): SelfMetricsHost {
    return {
      config: resolveConfig(env).config,
      resource: resourceFromAttributes({ 'service.name': 'app', team: 'a' }),
      scope: { name: 'scope', version: '1' },
      report: () => {},
      observeRuntime: () => () => {},
      sdk: undefined,
      ...values,
    };
  }
  const running = (options: SelfMetricsOptions, of: SelfMetricsHost): SelfMetrics => {
    const selfMetrics = startSelfMetricsOn(of, options);
    onTestFinished(async () => void (await selfMetrics.shutdown({ timeoutMillis: 0 })));
    return selfMetrics;
  };
  const BY_VARIABLES = { SWANSONG_SELF_METRICS_HTTP: '127.0.0.1:0' };

  it('starts one pipeline of the variables, and any number of others', async () => {
    const first = running({}, host(BY_VARIABLES));
    expect(running({}, host(BY_VARIABLES))).toBe(first);
    expect(running({ http: 0 }, host(BY_VARIABLES))).not.toBe(first);
    expect([...runningPipelines()].map(({ byVariables }) => byVariables)).toEqual([true, false]);
    await first.shutdown();
    expect([...runningPipelines()].map(({ byVariables }) => byVariables)).toEqual([false]);
    expect(running({}, host(BY_VARIABLES))).not.toBe(first);
  });

  it('starts none of the variables where the SDK is disabled, but those that the program asks for', async () => {
    const disabled = host({ ...BY_VARIABLES, OTEL_SDK_DISABLED: 'true' });
    expect(await running({}, disabled).listening).toBe(undefined);
    expect(await running({ http: 0 }, disabled).listening).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('has the resource of the application, and what the options say', async () => {
    const { listening } = running({ http: 0, resource: { team: 'b' } }, host());
    const vars: unknown = await (await fetch(`${await listening}/debug/vars`)).json();
    expect(vars).toMatchObject({ resource: { 'service.name': 'app', team: 'b', 'telemetry.sdk.language': 'nodejs' } });
  });

  it('is observed by the SDK and ended with it, if it is that of the variables', async () => {
    const steps: ((deadline: Deadline) => Promise<unknown>)[] = [];
    const observed: Meter[] = [];
    const sdk: SelfMetricsHost['sdk'] = {
      observeBy: (meter) => void observed.push(meter),
      addLastStep: (step) => void steps.push(step),
    };
    const ofProgram = running({ http: 0 }, host({}, { sdk }));
    expect([observed, steps]).toEqual([[ofProgram.meter], []]);
    const ofVariables = running({}, host(BY_VARIABLES, { sdk }));
    expect([observed, steps.length]).toEqual([[ofProgram.meter, ofVariables.meter], 1]);
    expect(await steps[0]?.(Deadline.after(10_000))).toMatchObject({ ok: true });
    expect([...runningPipelines()]).toHaveLength(1);
  });

  it('reports where the options say, else where the host says', async () => {
    const [ofHost, ofOptions]: [string[], string[]] = [[], []];
    const file = await temporaryFolder();
    const withReport = host({}, { report: (line) => ofHost.push(line) });
    await running({ file }, withReport).shutdown({ timeoutMillis: 100 });
    await running({ file, report: (line) => ofOptions.push(line) }, withReport).shutdown({ timeoutMillis: 100 });
    expect([ofHost.length, ofOptions.length]).toEqual([1, 1]);
  });
});
