import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { Fixture, runFixture } from '../support/run-fixture.ts';
import { freePort } from '../support/free-port.ts';
import { type KeptFolder, keptFolder } from './support/kept-folder.ts';
import { type Otelcol, startOtelcol } from './support/otelcol.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const POLL = { timeout: 60_000, interval: 100 };

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}
interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
}

const dashboard: Dashboard = JSON.parse(
  readFileSync(join(ROOT, 'collector-config/grafana/dashboards/swansong.json'), 'utf8'),
);
const rules: Rules = parse(readFileSync(join(ROOT, 'collector-config/prometheus/rules.yaml'), 'utf8'));
const alerts = rules.groups.flatMap((group) => group.rules);

/** The names of metrics in an expression of PromQL: what has an underscore, outside of quotes, and is no function or keyword. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  return [...bare.matchAll(/\b[a-z]\w*_\w+\b(?!\s*\()/g)].map(([name]) => name);
}

/** The command of the service `archive` in docker-compose.yml, on ports and in a folder of this test. */
function startArchive(directory: string, metricsPort: number): Fixture {
  const file: { readonly services: { readonly archive: { readonly command: readonly string[] } } } = parse(
    readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'),
    { merge: true },
  );
  const [, program = '', ...args] = file.services.archive.command;
  return new Fixture({
    program: join(ROOT, program.replace(/^node_modules\/swansong\//, '')),
    preload: 'none',
    cwd: directory,
    args: [
      ...args.map((arg) =>
        arg.replace('0.0.0.0', '127.0.0.1').replace('/data', directory).replace('9464', String(metricsPort)),
      ),
      '--port=0',
    ],
    timeoutMillis: 110_000,
  });
}

/** What really comes out: of the collector with local.yaml, of a service, and of swansong's own collector. */
describe('the dashboard and the alerts use only metrics that exist', () => {
  let folder: KeptFolder;
  let otelcol: Otelcol;
  let server: Fixture;
  let archive: Fixture;
  const emitted = new Set<string>();

  beforeAll(async () => {
    folder = keptFolder();
    const [http, prometheus, self, service, port, archiveMetrics] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    otelcol = await startOtelcol({
      config: join(ROOT, 'collector-config/local.yaml'),
      env: {
        OTLP_HTTP_ENDPOINT: `127.0.0.1:${http}`,
        OTLP_GRPC_ENDPOINT: `127.0.0.1:${await freePort()}`,
        PROMETHEUS_ENDPOINT: `127.0.0.1:${prometheus}`,
        SELF_METRICS_PORT: String(self),
        HEALTH_ENDPOINT: `127.0.0.1:${await freePort()}`,
        // Nobody listens: what cannot be handed on is of no matter here.
        JAEGER_ENDPOINT: `127.0.0.1:${await freePort()}`,
        LOG_FILE: join(folder.path, 'logs.jsonl'),
      },
    });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${http}`, OTEL_METRIC_EXPORT_INTERVAL: '200' };
    server = new Fixture({
      program: join(ROOT, 'examples/express/server.mjs'),
      cwd: ROOT,
      env: {
        ...env,
        HOST: '127.0.0.1',
        PORT: String(port),
        OTEL_SERVICE_NAME: 'reports',
        SWANSONG_SELF_METRICS_HTTP: `127.0.0.1:${service}`,
      },
      timeoutMillis: 110_000,
    });
    await server.line('listening on');
    assert.strictEqual((await fetch(`http://127.0.0.1:${port}/reports/2025`)).status, 200);
    assert.strictEqual((await fetch(`http://127.0.0.1:${port}/reports/1999`)).status, 500);
    await runFixture({ program: 'crash.mjs', env });
    archive = startArchive(folder.path, archiveMetrics);
    const archiveUrl = (await archive.line('listening on')).replace(/^.* /, '');
    const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const good = {
      ...ids,
      name: 'good',
      startTimeUnixNano: '1700000000000000000',
      endTimeUnixNano: '1700000001000000000',
    };
    const oneIsBad = { resourceSpans: [{ scopeSpans: [{ spans: [good, { ...good, spanId: '' }] }] }] };
    await fetch(`${archiveUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(oneIsBad),
    });

    const pages = [
      `http://127.0.0.1:${prometheus}/metrics`,
      `http://127.0.0.1:${self}/metrics`,
      `http://127.0.0.1:${service}/metrics`,
      `http://127.0.0.1:${archiveMetrics}/metrics`,
    ];
    await vi.waitFor(async () => {
      for (const page of pages) {
        const text = await (await fetch(page)).text();
        for (const [name] of text.matchAll(/^[a-z]\w*/gm)) emitted.add(name);
      }
      // What comes last: by way of the collector, of the crash, of requests, and after an interval.
      const last = [
        'swansong_crashes_total',
        'swansong_errors_total',
        'http_server_request_duration_seconds_count',
        'otelcol_receiver_accepted_spans_total',
        'otelcol_exporter_queue_size',
      ];
      assert.deepStrictEqual(
        last.filter((name) => !emitted.has(name)),
        [],
      );
    }, POLL);
    // Prometheus itself makes these.
    emitted.add('up');
  });

  afterAll(async () => {
    server?.kill('SIGKILL');
    archive?.kill('SIGKILL');
    await otelcol?.stop();
    folder?.remove();
  });

  const panels = dashboard.panels.filter(({ targets }) => targets !== undefined);

  it('names are found in expressions', () => {
    expect(metricsIn('sum by (job, error_type) (rate(a_total{x_y="z_z"}[$__rate_interval])) / b_c')).toEqual([
      'a_total',
      'b_c',
    ]);
    expect(panels.length).toBeGreaterThan(10);
  });

  it.each(panels.map(({ title, targets = [] }) => ({ title, targets })))('panel "$title"', ({ targets }) => {
    const names = targets.flatMap(({ expr }) => metricsIn(expr));
    expect(names.length).toBeGreaterThanOrEqual(targets.length);
    expect(names.filter((name) => !emitted.has(name))).toEqual([]);
  });

  it.each(alerts)('alert $alert', ({ expr }) => {
    expect(metricsIn(expr).filter((name) => !emitted.has(name))).toEqual([]);
  });

  it.each([
    'collector_events_received_total',
    'collector_events_invalid_total',
    'collector_storage_write_duration_ms_bucket',
    'collector_active_resources',
    'collector_memory_alloc_mb',
    'http_server_request_duration_seconds_count',
    'swansong_crashes_total',
    'otel_sdk_exporter_span_exported_total',
  ])('%s is on the dashboard', (name) => {
    expect(panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsIn(expr)))).toContain(name);
  });
});
