import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { USAGE } from '../../src/cli/usage.ts';
import { JSON_TYPE, send } from '../unit/collector/support/http-client.ts';
import { logs, RECORD, SPAN, traces } from '../unit/collector/support/items.ts';
import { startBackend } from '../support/backend.ts';
import { freePort } from '../support/free-port.ts';
import { type Fixture, runFixture, startFixture } from '../support/run-fixture.ts';
import { readMetricsFile, sample } from '../support/self-metrics-program.ts';

const program = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'swansong-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const cli = (...args: readonly string[]) => ({ program, preload: 'none', args }) as const;

async function urlOf(fixture: Fixture): Promise<string> {
  const line = await fixture.line('listening on');
  return line.replace(/^.* /, '');
}

const post = (url: string, body: string): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', connection: 'close' }, body });

describe('what it says and how it ends', () => {
  test.each([
    [['--help'], { code: 0, stdout: USAGE, stderr: '' }],
    [['collector', '--help'], { code: 0, stdout: USAGE, stderr: '' }],
    [['--version'], { code: 0, stdout: `${version}\n`, stderr: '' }],
    [[], { code: 2, stdout: '', stderr: 'swansong: command: expected collector (got none)\nTry: swansong --help\n' }],
    [
      ['collect'],
      { code: 2, stdout: '', stderr: 'swansong: command: expected collector (got "collect")\nTry: swansong --help\n' },
    ],
    [
      ['collector', 'x'],
      { code: 2, stdout: '', stderr: 'swansong: collector takes no arguments (got "x")\nTry: swansong --help\n' },
    ],
    [
      ['collector', '--port', '65536'],
      {
        code: 2,
        stdout: '',
        stderr: 'swansong: --port: expected an integer from 0 to 65535 (got "65536")\nTry: swansong --help\n',
      },
    ],
    [
      ['collector', '--port', ''],
      {
        code: 2,
        stdout: '',
        stderr: 'swansong: --port: expected an integer from 0 to 65535 (got "")\nTry: swansong --help\n',
      },
    ],
    [
      ['collector', '--max-body', '64MB'],
      {
        code: 2,
        stdout: '',
        stderr:
          'swansong: --max-body: expected a size from 1 to 268435456 bytes, such as 65536, 512KiB or 64MiB (got "64MB")\nTry: swansong --help\n',
      },
    ],
    [
      ['collector', '--fast'],
      {
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^swansong: Unknown option '--fast'.*\nTry: swansong --help\n$/s),
      },
    ],
    [
      ['collector', '--port'],
      {
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^swansong: Option '--port <value>' argument missing\nTry: swansong --help\n$/),
      },
    ],
  ])('%j', async (args, expected) => {
    expect(await runFixture(cli(...args))).toEqual({ ...expected, signal: null });
  });

  test('a port in use: one line, exit code 1', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = JSON.parse(JSON.stringify(server.address()));
    const directory = await temporaryFolder();
    expect(await runFixture(cli('collector', '--port', String(port), '--dir', directory))).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: `swansong collector: cannot listen on 127.0.0.1:${port} (the port is in use)\n`,
    });
  });

  test('a directory that cannot be written to: one line, exit code 1', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    expect(await runFixture(cli('collector', '--port', '0', '--dir', join(file, 'in')))).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: `swansong collector: cannot write to ${file}/in (ENOTDIR: not a directory, mkdir '${file}/in')\n`,
    });
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('ends it with exit code 0, all written and counted', async () => {
    const folder = await temporaryFolder();
    const fixture = startFixture({ ...cli('collector', '--port', '0', '--max-body', '1000'), cwd: folder });
    const url = await urlOf(fixture);
    const statuses = [
      await post(`${url}/v1/traces`, JSON.stringify(traces(SPAN, SPAN, {}))),
      await post(`${url}/v1/logs`, JSON.stringify(logs(RECORD))),
      await post(`${url}/v1/logs`, ' '.repeat(1001)),
    ].map(({ status }) => status);
    fixture.kill(signal);
    expect({ statuses, ...(await fixture.result) }).toEqual({
      statuses: [200, 200, 413],
      code: 0,
      signal: null,
      stdout: [
        `swansong collector listening on ${url}`,
        `writing traces.jsonl, metrics.jsonl and logs.jsonl in ${folder}/telemetry`,
        'accepted 2 requests: 2 spans, 0 data points, 1 log record; rejected 1 invalid item; refused 1 request',
        '',
      ].join('\n'),
      stderr: '',
    });
    const stored = ['traces', 'metrics', 'logs'].map((name) =>
      readFile(join(folder, `telemetry/${name}.jsonl`), 'utf8'),
    );
    expect(await Promise.all(stored)).toEqual([
      `${JSON.stringify(traces(SPAN, SPAN))}\n`,
      '',
      `${JSON.stringify(logs(RECORD))}\n`,
    ]);
  });
});

describe('a variable alone starts self-metrics', () => {
  /** Runs a collector with the variable, sends it one span; `look` is called before it ends. */
  async function runWith(
    name: string,
    value: string,
    look: () => Promise<string> = async () => '',
  ): Promise<{ readonly seen: string; readonly code: number | null; readonly stderr: string }> {
    const fixture = startFixture({
      ...cli('collector', '--port', '0', '--dir', await temporaryFolder()),
      env: { [name]: value },
    });
    const url = await urlOf(fixture);
    await post(`${url}/v1/traces`, JSON.stringify(traces(SPAN)));
    const seen = await look();
    fixture.kill('SIGTERM');
    const { code, stderr } = await fixture.result;
    return { seen, code, stderr };
  }

  const received = { name: 'collector.events.received', value: 1, attributes: { signal: 'traces', encoding: 'json' } };

  /** Each series begins at 0. */
  const all = ['traces', 'metrics', 'logs'].flatMap((signal) =>
    ['json', 'protobuf'].map((encoding) => ({
      ...received,
      value: signal === 'traces' && encoding === 'json' ? 1 : 0,
      attributes: { signal, encoding },
    })),
  );

  test('a scrape before the first event shows its counters at 0, a failed write and a request have no series', async () => {
    const fixture = startFixture(
      cli('collector', '--port', '0', '--dir', await temporaryFolder(), '--self-metrics-http', '0'),
    );
    const text = await (await fetch((await fixture.line('self-metrics at')).replace(/^.* /, ''))).text();
    fixture.kill('SIGTERM');
    expect((await fixture.result).stderr).toBe('');
    for (const { attributes } of all) {
      const series = `{signal="${attributes.signal}",encoding="${attributes.encoding}"`;
      expect(sample(text, new RegExp(`^collector_events_received_total\\${series}`))).toBe(0);
    }
    const invalid = text.split('\n').filter((line) => line.startsWith('collector_events_invalid_total{'));
    expect(invalid.length).toBe(38);
    expect(invalid.filter((line) => !line.endsWith(' 0'))).toEqual([]);
    expect(sample(text, /^collector_active_resources\{/)).toBeGreaterThan(0);
    expect(sample(text, /^collector_memory_alloc_mb\{/)).toBeGreaterThan(0);
    expect(text).not.toContain('collector_storage_write_duration_ms_count');
  });

  test('SWANSONG_SELF_METRICS_FILE', async () => {
    const file = join(await temporaryFolder(), 'self.jsonl');
    expect(await runWith('SWANSONG_SELF_METRICS_FILE', file)).toEqual({ seen: '', code: 0, stderr: '' });
    expect(readMetricsFile(file).filter(({ name }) => name === received.name)).toMatchObject(all);
  });

  test('SWANSONG_SELF_METRICS_HTTP', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const look = async (): Promise<string> => (await fetch(`http://${address}/metrics`)).text();
    const { seen, ...ended } = await runWith('SWANSONG_SELF_METRICS_HTTP', address, look);
    expect(ended).toEqual({ code: 0, stderr: '' });
    expect(sample(seen, /^collector_events_received_total\{/)).toBe(1);
  });

  test('SWANSONG_SELF_METRICS_OTLP', async () => {
    const other = await startBackend();
    expect(await runWith('SWANSONG_SELF_METRICS_OTLP', other.url)).toEqual({ seen: '', code: 0, stderr: '' });
    expect(other.metrics().filter(({ name }) => name === received.name)).toMatchObject(all);
  });
});

test('--allow-host is for both of its ports', async () => {
  const directory = await temporaryFolder();
  const more = ['--allow-host', 'a.example', '--allow-host', 'b.example', '--self-metrics-http', '0'];
  const fixture = startFixture(cli('collector', '--port', '0', '--dir', directory, ...more));
  const url = await urlOf(fixture);
  const selfMetrics = (await fixture.line('self-metrics at')).replace(/^.* /, '');
  const statuses = [];
  for (const host of ['a.example', 'B.example:1', 'c.example']) {
    statuses.push((await send(`${url}/v1/logs`, { headers: { ...JSON_TYPE, host }, body: '{}' })).status);
    statuses.push((await send(selfMetrics, { method: 'GET', headers: { host } })).status);
  }
  fixture.kill('SIGTERM');
  const { code, stderr } = await fixture.result;
  expect({ code, statuses, stderr }).toEqual({
    code: 0,
    statuses: [200, 200, 200, 200, 421, 421],
    stderr:
      'swansong collector: a request for the host "c.example" was answered 421; if that is a name of this collector, allow it: --allow-host c.example\n',
  });
});

test('a second signal ends it at once, while a request still holds it open', async () => {
  const fixture = startFixture(cli('collector', '--port', '0', '--dir', await temporaryFolder()));
  const url = await urlOf(fixture);
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write('POST /v1/logs HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n');
  socket.write('content-type: application/json\r\ncontent-length: 9\r\n\r\n{');
  // "100 Continue" tells that the request is in flight.
  await once(socket, 'data');
  fixture.kill('SIGTERM');
  // The port is free again once it has begun to close.
  await expect
    .poll(
      () =>
        fetch(url).then(
          () => 'open',
          () => 'closed',
        ),
      { timeout: 10_000 },
    )
    .toBe('closed');
  fixture.kill('SIGTERM');
  expect(await fixture.result).toMatchObject({ code: null, signal: 'SIGTERM' });
});

test('a write that the system cuts short leaves whole lines, is told once, and heals', async () => {
  const directory = await temporaryFolder();
  // `ulimit -f` is in KiB and holds for every file of the process: a write beyond it is cut short, the rest is EFBIG.
  const child = spawn('bash', [
    '-c',
    'ulimit -f 64; exec "$0" "$@"',
    process.execPath,
    program,
    'collector',
    '--port',
    '0',
    '--dir',
    directory,
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const stderr = text(child.stderr);
  const [banner] = await once(child.stdout, 'data');
  const url = /listening on (\S+)/.exec(String(banner))?.[1] ?? '';
  const request = (length: number): string => `{"resourceSpans":[{"schemaUrl":"${'x'.repeat(length)}"}]}`;
  const statuses = [
    await post(`${url}/v1/traces`, request(40_000)),
    await post(`${url}/v1/traces`, request(40_000)),
    await post(`${url}/v1/traces`, request(40_001)),
    await post(`${url}/v1/traces`, request(20_000)),
  ].map(({ status }) => status);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await exited;
  const file = join(directory, 'traces.jsonl');
  expect({ statuses, code, stderr: await stderr, stored: await readFile(file, 'utf8') }).toEqual({
    statuses: [200, 503, 503, 200],
    code: 0,
    stderr: [
      `swansong collector: ${file}: cannot write (EFBIG: file too large, write); answering 503 until it works again`,
      `swansong collector: ${file}: can be written again`,
      '',
    ].join('\n'),
    stored: `${request(40_000)}\n${request(20_000)}\n`,
  });
});
