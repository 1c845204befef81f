import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { telemetryArrival } from '../../examples/tour/telemetry-arrival.ts';
import { type Fixture, startFixture } from '../support/run-fixture.ts';
import { whenTestEnds } from '../support/when-test-ends.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const LISTENING = /listening on (http:\S+)/g;

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swansong-tour-'));
  whenTestEnds(() => rm(folder, { recursive: true }));
  return folder;
}

/** As `npm start` does, after the build: with the Node that runs the tests, since older ones do not strip types. */
function startTour(cwd: string, root: string = repository, env: Record<string, string> = {}): Fixture {
  const program = join(root, 'examples/tour/tour.ts');
  return startFixture({ program, preload: 'none', node: process.execPath, cwd, env, stdin: '' });
}

/** The section of that number, without its heading. */
function section(stdout: string, number: number): string[] {
  const lines = stdout.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`${number}. `));
  const end = lines.findIndex((line) => line.startsWith(`${number + 1}. `));
  return lines.slice(start + 2, end - 1);
}

/** What differs from run to run, replaced; the time line's bars are gone with the times they show. */
function normalised(line: string): string {
  return line
    .replace(/trace [0-9a-f]{32}:/, 'trace ID:')
    .replace(/ +\d+\.\d ms +█+$/, '  TIME')
    .replace(/ +duration {2}0 ─+ \d+ ms$/, '  TIME')
    .replace(/\d+ kinds, \d+ data points/, 'N kinds, N data points');
}

/** None of the servers that the tour has announced answers any more. */
async function expectNoServers(stdout: string, count: number): Promise<void> {
  const urls = [...stdout.matchAll(LISTENING)].flatMap(([, url]) => url ?? []);
  expect(urls).toHaveLength(count);
  for (const url of urls) {
    await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  }
}

describe('npm start', () => {
  it('shows three requests as they arrived: one ordinary, one over two services, one that failed', async () => {
    const folder = await emptyFolder();
    const { stdout, ...end } = await startTour(folder).result;
    expect(end).toEqual({ code: 0, signal: null, stderr: '' });
    expect(section(stdout, 4).map(normalised)).toEqual([
      '   span                        service  status  TIME',
      '',
      '   trace ID: 1 span in shop',
      '   GET /products               shop     200  TIME',
      '',
      '   trace ID: 3 spans in 2 services (shop, stock)',
      '   POST /checkout              shop     201  TIME',
      '   └─ calls GET /stock/coffee  shop     200  TIME',
      '      └─ GET /stock/coffee     stock    200  TIME',
      '',
      '   trace ID: 3 spans in 2 services (shop, stock)',
      '   POST /checkout              shop     500 ✗  TIME',
      '   └─ calls GET /stock/mate    shop     200  TIME',
      '      └─ GET /stock/mate       stock    200  TIME',
      '',
      '   An order is one trace although two processes work on it. In the one that failed',
      '   stock answered well, and in time: the fault is in the shop.',
      '',
      '   metrics   N kinds, N data points: http.server.request.duration',
      '             (requests: shop 3, stock 2), nodejs.eventloop.*, v8js.memory.* and more',
      '   logs      0 records: the services write none with the OpenTelemetry API',
    ]);
    const endsOfDurations = section(stdout, 4).flatMap((line) => /^.* ms(?= +█)/.exec(line)?.[0].length ?? []);
    expect(endsOfDurations).toHaveLength(7);
    expect(new Set(endsOfDurations).size).toBe(1);
    expect(section(stdout, 5)).toEqual([
      '   shop      exit code 0',
      '   stock     exit code 0',
      '   collector exit code 0',
    ]);
    await expectNoServers(stdout, 3);
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    const [directory = ''] = /telemetry\/tour-\w+/.exec(stdout) ?? [];
    expect((await readdir(join(folder, directory))).toSorted()).toEqual([
      'logs.jsonl',
      'metrics.jsonl',
      'traces.jsonl',
    ]);
  });

  it("is not led astray by the reader's own telemetry settings", async () => {
    const env = {
      OTEL_SDK_DISABLED: 'true',
      OTEL_TRACES_EXPORTER: 'console',
      NODE_OPTIONS: '--no-warnings',
      PORT: '1',
    };
    const { stdout, ...end } = await startTour(await emptyFolder(), repository, env).result;
    expect(end).toEqual({ code: 0, signal: null, stderr: '' });
    expect(section(stdout, 4).join('\n')).toContain('500 ✗');
  });

  it('on Ctrl-C ends as other programs do, and its children with it', async () => {
    const tour = startTour(await emptyFolder());
    await tour.line('shop listening');
    tour.kill('SIGINT');
    const { stdout, ...end } = await tour.result;
    expect(end).toEqual({ code: null, signal: 'SIGINT', stderr: '' });
    await expectNoServers(stdout, 3);
  });

  it('says what was missing when a program fails, and ends the others', async () => {
    const broken = await emptyFolder();
    await cp(join(repository, 'package.json'), join(broken, 'package.json'));
    await cp(join(repository, 'dist'), join(broken, 'dist'), { recursive: true });
    await cp(join(repository, 'examples/tour'), join(broken, 'examples/tour'), { recursive: true });
    await writeFile(join(broken, 'examples/tour/shop.mjs'), 'console.error("no shop today"); process.exitCode = 3;');
    const { stdout, stderr, ...end } = await startTour(broken, broken).result;
    expect(end).toEqual({ code: 1, signal: null });
    expect(stderr).toContain('The tour stopped: shop ended (exit code 3) without printing "listening on http"\n');
    expect(stderr).toContain('\nshop: no shop today\n');
    await expectNoServers(stdout, 2);
  });

  it('names the telemetry that did not arrive', async () => {
    const directory = await emptyFolder();
    for (const signal of ['traces', 'metrics', 'logs']) await writeFile(join(directory, `${signal}.jsonl`), '');
    const expectations = [
      { what: 'span of shop', isMet: () => false },
      { what: 'collector', isMet: () => true },
      { what: 'span of stock', isMet: () => false },
    ];
    const { signal } = new AbortController();
    await expect(telemetryArrival(directory, expectations, signal, 50)).rejects.toThrow(
      'after 0.05 s there was still no span of shop, no span of stock',
    );
  });
});
