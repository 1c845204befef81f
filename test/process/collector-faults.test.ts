import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fuzzRequests } from '../../bench/collector/fuzz-requests.ts';
import { leakSamples } from '../../bench/collector/leak-samples.ts';
import { killRounds } from '../../bench/collector/kill-rounds.ts';
import { startFixture, type Fixture } from '../support/run-fixture.ts';
import { readLines, temporaryFolder } from '../support/temporary-folder.ts';
import { SPAN, traces } from '../unit/collector/support/items.ts';

const program = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const SPANS = JSON.stringify(traces(SPAN));

interface Started {
  readonly fixture: Fixture;
  readonly url: string;
  readonly directory: string;
}

async function start(directory: string, ...args: readonly string[]): Promise<Started> {
  const fixture = startFixture({
    program,
    preload: 'none',
    args: ['collector', '--port', '0', '--dir', directory, ...args],
  });
  const url = (await fixture.line('listening on')).replace(/^.* /, '');
  return { fixture, url, directory };
}

interface Answered {
  readonly status: number;
  readonly retryAfter: string | null;
}

async function post(url: string, body: string = SPANS): Promise<Answered> {
  const headers = { 'content-type': 'application/json', connection: 'close' };
  const response = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return { status: response.status, retryAfter: response.headers.get('retry-after') };
}

async function read(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url, { headers: { connection: 'close' } });
  return { status: response.status, text: await response.text() };
}

const STORED = { status: 200, retryAfter: null };
const LATER = { status: 503, retryAfter: '5' };

describe('storage that fails is told, and heals by itself', () => {
  test('the disk is full: 503 with Retry-After, /healthz and the metrics say so', async () => {
    const directory = await temporaryFolder();
    const file = join(directory, 'traces.jsonl');
    await symlink('/dev/full', file);
    const { fixture, url } = await start(directory, '--self-metrics-http', '0');
    const figures = (await fixture.line('self-metrics at')).replace(/^.* /, '');
    expect([await post(url), await post(url)]).toEqual([LATER, LATER]);
    const problem = `${file}: cannot write (ENOSPC: no space left on device, write)`;
    expect(await read(`${url}/healthz`)).toEqual({ status: 503, text: `${problem}\n` });
    const { text: failing } = await read(figures);
    expect(failing).toMatch(/collector_storage_write_duration_ms\S*_count\{[^}]*error_type="ENOSPC"[^}]*\} 2/);
    expect(failing).toMatch(/collector_events_received\S*\{[^}]*encoding="json"[^}]*\} 2/);

    await rm(file);
    expect(await post(url)).toEqual(STORED);
    expect(await read(`${url}/healthz`)).toEqual({ status: 200, text: 'ok\n' });
    fixture.kill('SIGTERM');
    expect(await fixture.result).toMatchObject({
      code: 0,
      stderr: [
        `swansong collector: ${problem}; answering 503 until it works again`,
        `swansong collector: ${file}: can be written again`,
        '',
      ].join('\n'),
    });
    expect(await readLines(file)).toEqual([traces(SPAN)]);
  });

  test('the folder is deleted: it is made again', async () => {
    const { url, directory } = await start(join(await temporaryFolder(), 'telemetry'));
    expect(await post(url)).toEqual(STORED);
    await rm(directory, { recursive: true });
    expect(await post(url)).toEqual(STORED);
    expect(await readLines(join(directory, 'traces.jsonl'))).toEqual([traces(SPAN)]);
  });

  test('permission is lost: 503 until it is given back', async () => {
    // Permissions do not hold root: there the collector is started as somebody else.
    const isRoot = process.getuid?.() === 0;
    const directory = await temporaryFolder();
    const inner = join(directory, 'telemetry');
    await mkdir(inner);
    await chmod(directory, 0o755);
    if (isRoot) await chown(inner, 65_534, 65_534);
    const child = spawn(
      process.execPath,
      [program, 'collector', '--port', '0', '--dir', inner, '--rotate-size', '100'],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
        ...(isRoot && { uid: 65_534, gid: 65_534 }),
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const url = String(line).replace(/^.* /, '');
    expect(await post(url)).toEqual(STORED);
    // A new file for each line now: it needs the folder.
    await chmod(inner, 0o555);
    expect(await post(url)).toEqual(LATER);
    await chmod(inner, 0o755);
    expect(await post(url)).toEqual(STORED);
    expect(await readLines(join(inner, 'traces.jsonl'))).toEqual([traces(SPAN)]);
  });
});

test('what it says about itself holds the last events, also those of the requests that were in flight at the end', async () => {
  const directory = await temporaryFolder();
  const file = join(directory, 'self.jsonl');
  const { fixture, url } = await start(directory, '--self-metrics-file', file, '--self-metrics-interval', '1h');
  const last = post(url, JSON.stringify(traces(SPAN, {}, SPAN)));
  await post(url);
  fixture.kill('SIGTERM');
  expect(await last).toEqual(STORED);
  expect(await fixture.result).toMatchObject({ code: 0, stderr: '' });
  const lines = await readLines(file);
  const text = JSON.stringify(lines.at(-1));
  const point = (name: string): unknown => {
    const metric =
      new RegExp(`\\{"name":"${name}".*?"dataPoints":\\[(\\{.*?"as(?:Int|Double)":[^}]*\\})`).exec(text)?.[1] ?? '';
    return Number(/"as(?:Int|Double)":"?(\d+)/.exec(metric)?.[1]);
  };
  expect([point('collector.events.received'), point('collector.events.invalid')]).toEqual([4, 1]);
  expect(text).toContain('"invalid_trace_id"');
});

test('a half line of a killed process is cut off by the next start, and told', async () => {
  const directory = await temporaryFolder();
  const file = join(directory, 'traces.jsonl');
  await writeFile(file, `${SPANS}\n{"resourceSp`);
  const { fixture } = await start(directory);
  fixture.kill('SIGTERM');
  expect(await fixture.result).toMatchObject({
    code: 0,
    stderr: `swansong collector: ${file}: cut off 12 bytes of an unfinished line\n`,
  });
  expect(await readFile(file, 'utf8')).toBe(`${SPANS}\n`);
});

test('kill -9 under load, ten times: everything acknowledged is in the files', async () => {
  const { acknowledged, lost, bad } = await killRounds(10);
  expect({ lost, bad }).toEqual({ lost: [], bad: 0 });
  expect(acknowledged).toBeGreaterThan(10);
}, 120_000);

test('5000 mutated requests: each is answered 200 or 400 (also a gzip that is broken so that it looks too large), and it goes on', async () => {
  const { fixture, url } = await start(await temporaryFolder());
  const { statuses } = await fuzzRequests(url, 5000, 1);
  expect(Object.keys(statuses)).toEqual(['200', '400']);
  expect(await post(url)).toEqual(STORED);
  fixture.kill('SIGTERM');
  expect(await fixture.result).toMatchObject({ code: 0, stderr: '' });
});

test('5000 requests leave nothing behind: heap, memory outside of it and active resources are flat', async () => {
  const { samples, failed, stderrLines } = await leakSamples(2000, 600, 5);
  const [first, ...later] = samples;
  expect(failed).toBe(0);
  // Files were removed all the time; that is one line.
  expect(stderrLines).toBeLessThanOrEqual(1);
  for (const sample of later) {
    // What V8 learns about the code it runs is in the heap, too.
    expect(sample.heapUsed / (first?.heapUsed ?? 0)).toBeLessThan(1.05);
    expect(sample.external / (first?.external ?? 0)).toBeLessThan(1.05);
    expect(sample.resources).toBe(first?.resources);
  }
  expect(samples.map(({ requests }) => requests)).toEqual([2000, 2600, 3200, 3800, 4400, 5000]);
});
