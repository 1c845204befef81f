import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { startFixture } from '../support/run-fixture.ts';

const NAMES = ['a', 'b', 'c'];

function ask(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => void text(response).then(resolve, reject)).once('error', reject);
  });
}

function countByName(spans: readonly { name: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of spans) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

it('telemetry is shut down before the server: nothing is lost, and one warning names the right order', async () => {
  const backend = await startBackend();
  const fixture = startFixture({
    program: 'graceful/telemetry-first.mjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, OTEL_METRICS_EXPORTER: 'none' },
  });
  const port = (await fixture.line('port ')).slice('port '.length);
  const answers = Promise.all(NAMES.map((name) => ask(`http://127.0.0.1:${port}/${name}`)));
  for (const name of NAMES) await fixture.line(`held ${name}`);
  fixture.kill('SIGTERM');
  await fixture.line('shut down');
  for (const name of NAMES) fixture.write(`${name}\n`);
  const { stdout, ...end } = await fixture.result;
  expect({
    answers: await answers,
    ...end,
    stdout: stdout.split('\n').at(-2),
    received: {
      spans: countByName(backend.acknowledgedSpans()),
      interrupted: backend.acknowledgedSpans().filter(({ attributes }) => 'swansong.span.interrupted' in attributes),
      logRecords: backend.acknowledgedLogRecords().map(({ eventName, body }) => (eventName === '' ? body : eventName)),
    },
  }).toEqual({
    answers: NAMES.map(() => 'done'),
    code: 3,
    signal: null,
    stdout: 'shut down, ok: true',
    stderr:
      'swansong: 3 log records (orders) and 6 spans (orders, swansong/http) came after shutdown() and were kept for the end ' +
      'of the process. Call shutdown() last: close the servers, wait for the requests in flight, then shutdown().\n',
    received: {
      spans: { GET: 3, 'look up': 3 },
      interrupted: [],
      logRecords: ['looked up', 'looked up', 'looked up', 'swansong.process.started', 'swansong.process.exited'],
    },
  });
});
