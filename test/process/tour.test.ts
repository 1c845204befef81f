import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
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
    .replace(/trace [0-9a-f]{32}/, 'trace ID')
    .replace(/ +\d+\.\d ms +█+$/, '  TIME')
    .replace(/ +duration {2}0 ─+ \d+ ms$/, '  TIME')
    .replace(/\d+ kinds, \d+ data points/, 'N kinds, N data points')
    .replace(/up for \d+\.\d s/, 'up for N s')
    .replace(/\d+ MB of memory/, 'N MB of memory')
    .replace(pathToFileURL(repository).href, 'REPOSITORY/')
    .replace(/(node:[a-z/_]+):\d+:\d+/, '$1')
    .replace(/Node\.js v\d+\.\d+\.\d+$/, 'Node.js VERSION');
}

/** What the shop prints when it crashes without swansong and without the tour. */
async function stderrOfPlainCrash(): Promise<string> {
  const program = join(repository, 'examples/tour/shop.mjs');
  const shop = startFixture({ program, preload: 'none', node: process.execPath });
  const line = await shop.line('listening on http');
  await expect(fetch(`${line.slice(line.indexOf('http://'))}/receipt`)).rejects.toThrow('fetch failed');
  const { code, stderr } = await shop.result;
  expect(code).toBe(1);
  return stderr;
}

/** All that the tour needs, with another shop. */
async function copyWithShop(shop: string): Promise<string> {
  const copy = await emptyFolder();
  for (const part of ['package.json', 'dist', 'examples/tour'])
    await cp(join(repository, part), join(copy, part), { recursive: true });
  await writeFile(join(copy, 'examples/tour/shop.mjs'), shop);
  return copy;
}

/** A shop that answers `GET /receipt` in its own or another way. */
async function copyWithReceipt(answer: string): Promise<string> {
  const shop = await readFile(join(repository, 'examples/tour/shop.mjs'), 'utf8');
  expect(shop).toContain('return receipt(response)');
  return copyWithShop(shop.replace('return receipt(response)', `return ${answer}`));
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
      '   stock answered 200, and quickly: the bug is in the shop.',
      '',
      '   metrics   N kinds, N data points: http.server.request.duration',
      '             (requests: shop 3, stock 2), nodejs.eventloop.*, v8js.memory.* and more',
      '   logs      0 records so far: the services write none with the OpenTelemetry API',
    ]);
    const endsOfDurations = section(stdout, 4).flatMap((line) => /^.* ms(?= +█)/.exec(line)?.[0].length ?? []);
    expect(endsOfDurations).toHaveLength(7);
    expect(new Set(endsOfDurations).size).toBe(1);
    expect(section(stdout, 7)).toEqual(['   stock     exit code 0', '   collector exit code 0']);
    await expectNoServers(stdout, 3);
    // The length of the crash's stack frames depends on the name of the folder.
    const lines = stdout.split('\n').filter((line) => !line.includes(pathToFileURL(repository).href));
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    const [directory = ''] = /telemetry\/tour-\w+/.exec(stdout) ?? [];
    expect((await readdir(join(folder, directory))).toSorted()).toEqual([
      'logs.jsonl',
      'metrics.jsonl',
      'traces.jsonl',
    ]);
  });

  it('shows the crash as Node prints it, and the telemetry of the crash', async () => {
    const { stdout, ...end } = await startTour(await emptyFolder()).result;
    expect(end).toEqual({ code: 0, signal: null, stderr: '' });
    const crash = section(stdout, 5);
    expect(crash.map(normalised)).toEqual([
      '   POST /checkout {"product":"tea","quantity":1}    open; stock says: the tea is in the cellar',
      '   GET  /receipt                                    no answer: the connection broke',
      '   POST /checkout {"product":"tea","quantity":1}    no answer: the connection broke',
      '',
      '   Its stderr and its exit code, exactly as without swansong:',
      '',
      '   REPOSITORY/examples/tour/shop.mjs:42',
      "         throw new Error('cannot print the receipt', { cause: error });",
      '         ^',
      '',
      '   Error: cannot print the receipt',
      '       at ReadStream.<anonymous> (REPOSITORY/examples/tour/shop.mjs:42:13)',
      '       at ReadStream.emit (node:events)',
      '       at emitErrorNT (node:internal/streams/destroy)',
      '       at emitErrorCloseNT (node:internal/streams/destroy)',
      '       at process.processTicksAndRejections (node:internal/process/task_queues) {',
      "     [cause]: [Error: ENOENT: no such file or directory, open 'receipt.txt'] {",
      '       errno: -2,',
      "       code: 'ENOENT',",
      "       syscall: 'open',",
      "       path: 'receipt.txt'",
      '     }',
      '   }',
      '',
      '   Node.js VERSION',
      '',
      '   exit code 1',
    ]);
    const stderr = `${crash.slice(6, -2).join('\n').replaceAll(/^ {3}/gm, '')}\n`;
    expect(stderr).toBe(await stderrOfPlainCrash());
    expect(section(stdout, 6).map(normalised)).toEqual([
      '   Why it ended: a log record named "exception", severity FATAL',
      '   error     Error: cannot print the receipt',
      "   cause     Error: ENOENT: no such file or directory, open 'receipt.txt'",
      '   stack     13 lines, causes included',
      '   request   GET /receipt, in trace ID',
      '   process   3 spans open, up for N s, N MB of memory',
      '',
      '   What it was doing: the spans that were open, ended when the process ended',
      '   span                     service  status  TIME',
      '',
      '   trace ID: 3 spans in 2 services (shop, stock)',
      '   POST /checkout           shop     interrupted  TIME',
      '   └─ calls GET /stock/tea  shop     interrupted  TIME',
      '      └─ GET /stock/tea     stock  TIME',
      '',
      '   trace ID: 1 span in shop',
      '   GET /receipt             shop     interrupted ✗  TIME',
      '',
      '   "interrupted": the process ended first. ✗: the request that the error belongs to.',
      '   stock still runs: its span ended when its connection to the shop did.',
      '',
      '   How it ended: its last log record, named "swansong.process.exited"',
      '   process   exit code 1, up for N s',
      '',
      '   The OpenTelemetry SDK alone would lose all of this: it exports on timers, and after a',
      '   crash no timer runs.',
    ]);
    const [, requestTrace] = /request +GET \/receipt, in trace (\w+)/.exec(stdout) ?? [];
    expect(stdout).toContain(`\n   trace ${requestTrace}: 1 span in shop\n   GET /receipt `);
  });

  it("ignores the user's own telemetry settings", async () => {
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

  it.each([
    ['at work', 'shop listening', 'receipt(response)'],
    ['waiting for a crash', 'stock says', 'undefined'],
  ])('on Ctrl-C, %s, ends as other programs do, and its children with it', async (_, moment, receipt) => {
    const folder = await copyWithReceipt(receipt);
    const tour = startTour(folder, folder);
    await tour.line(moment);
    tour.kill('SIGINT');
    const { stdout, ...end } = await tour.result;
    expect(end).toEqual({ code: null, signal: 'SIGINT', stderr: '' });
    await expectNoServers(stdout, 3);
  });

  it('reports what is missing when a program fails, and ends the others', async () => {
    const broken = await copyWithShop('console.error("no shop today"); process.exitCode = 3;');
    const { stdout, stderr, ...end } = await startTour(broken, broken).result;
    expect(end).toEqual({ code: 1, signal: null });
    expect(stderr).toContain('The tour stopped: shop ended (exit code 3) without printing "listening on http"\n');
    expect(stderr).toContain('\nshop: no shop today\n');
    await expectNoServers(stdout, 2);
  });

  it('reports that the shop did not crash, and ends it', async () => {
    const sturdy = await copyWithReceipt("send(response, 200, 'thank you')");
    const { stdout, stderr, ...end } = await startTour(sturdy, sturdy).result;
    expect(end).toEqual({ code: 1, signal: null });
    expect(stderr).toContain('The tour stopped: GET  /receipt: expected no answer (got 200  "thank you")\n');
    await expectNoServers(stdout, 3);
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
