import { beforeEach, describe, expect, it } from 'vitest';
import { SelfMetricsProgram } from '../support/self-metrics-program.ts';
import { checkMetrics, Prometheus } from './support/prometheus.ts';

/**
 * These names have their units in them, short: they are those of the family of collectors that the dashboards come from.
 * promtool recommends against that, and its word on everything else holds.
 */
const UNITS_IN_NAMES = [
  'collector_memory_alloc_mb',
  'collector_memory_rss_mb',
  'collector_storage_write_duration_ms',
].map((name) => `${name} metric names should not contain abbreviated units`);

describe('Prometheus', () => {
  let program: SelfMetricsProgram;
  let url: string;
  beforeEach(async () => {
    program = new SelfMetricsProgram({
      timeoutMillis: 100_000,
      env: {
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
        OTEL_SERVICE_NAME: 'shop',
        OTEL_LOG_LEVEL: 'none',
        SWANSONG_SELF_METRICS_HTTP: '0',
        SWANSONG_EXIT_TIMEOUT: '0',
      },
    });
    url = await program.start();
    await program.tell('count', 5, 2);
    await program.tell('spans', 3);
  });

  it('scrapes /metrics, and answers queries for what it found there', async () => {
    const prometheus = await Prometheus.scraping(`${url}/metrics`);
    const value = (query: string): Promise<number> =>
      prometheus.until(query, ([first]) => (first === undefined ? undefined : Number(first.value[1])));

    expect(await value('collector_events_received_total')).toBe(5);
    expect(await value('collector_events_invalid_total{error_type="invalid_trace_id"}')).toBe(2);
    expect(await value('up')).toBe(1);
    expect(await value('histogram_quantile(0.5, collector_storage_write_duration_ms_bucket)')).toBeGreaterThan(1);
    expect(await value('target_info{service_name="shop"}')).toBe(1);
    // One series: no sum counts a resource twice. Those by type add up to it at every scrape.
    expect(await value('count(collector_active_resources)')).toBe(1);
    expect(await value('sum(collector_active_resources_by_type) - sum(collector_active_resources)')).toBe(0);
    expect(await value('collector_memory_rss_mb > collector_memory_alloc_mb')).toBeGreaterThan(1);

    await program.tell('count', 6, 0);
    expect(
      await prometheus.until('collector_events_received_total', ([first]) =>
        first?.value[1] === '11' ? first.metric['signal'] : undefined,
      ),
    ).toBe('traces');
    await program.end();
  });

  it('promtool reports nothing about /metrics except the intended units in names', async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    expect((await checkMetrics(text)).toSorted()).toEqual(UNITS_IN_NAMES.toSorted());
    expect(await checkMetrics(`${text}# TYPE requests gauge\nrequests 1\n`)).toContain('requests no help text');
    await program.end();
  });
});
