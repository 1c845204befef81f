import { execFileSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, quantile } from '../harness/statistics.ts';
import { fixed, formatTable } from '../harness/table.ts';
import { swansongCollector } from './collectors.ts';
import { MadeRequest } from './made-requests.ts';

const SCRAPES = 300;
const OFFERED = 60;
const SPANS = 512;
const BETWEEN_MILLIS = 20;

/** The duration of `/metrics` while the storage hangs (a pipe without a reader) and requests keep arriving. */
export async function blocked(): Promise<void> {
  const rows = [
    await scrape('idle'),
    await scrape('blocked, 60 clients that respect Retry-After', 1000),
    await scrape('blocked, 60 clients that wait 20 ms', 20),
  ];
  console.log(`\n/metrics, ${SCRAPES} times\n`);
  console.log(formatTable(['', 'p50 ms', 'p99 ms', 'max ms'], rows));
}

async function scrape(name: string, againMillis?: number): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'swansong-bench-'));
  if (againMillis !== undefined) execFileSync('mkfifo', [join(folder, 'traces.jsonl')]);
  const collector = await swansongCollector.start({ folder, args: ['--self-metrics-http', '0'] });
  const stop = new AbortController();
  const body = new MadeRequest('json', SPANS).numbered(1);
  const offer = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const headers = { 'content-type': 'application/json' };
      const sent = fetch(`${collector.url}/v1/traces`, { method: 'POST', headers, body, signal: stop.signal });
      await sent.then((response) => response.arrayBuffer()).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, againMillis));
    }
  };
  const offering = againMillis !== undefined ? Array.from({ length: OFFERED }, offer) : [];
  const millis: number[] = [];
  for (let scraped = 0; scraped < SCRAPES; scraped += 1) {
    const startedAt = performance.now();
    const response = await fetch(`${collector.selfMetricsUrl}/metrics`);
    await response.arrayBuffer();
    millis.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MILLIS));
  }
  stop.abort();
  await Promise.all(offering);
  await collector.kill();
  return [name, fixed(median(millis), 1), fixed(quantile(millis, 0.99), 1), fixed(Math.max(...millis), 1)];
}
