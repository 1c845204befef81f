import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import type { ReceivedSpan } from '../support/received-telemetry.ts';
import { runFixture } from '../support/run-fixture.ts';
import { asText } from '../support/as-text.ts';
import { startRedis } from './support/redis.ts';

const SECRET = 'swordfish';

it('a job is in the trace of the request that added it, with its queries; polling has no spans', async () => {
  const [port, backend] = [await startRedis(), await startBackend()];
  const { code, stdout, stderr } = await runFixture({
    program: 'bullmq.mjs',
    args: [String(port), SECRET],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
  });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  const spans = backend.spans();
  const path = (span: ReceivedSpan | undefined): string =>
    span === undefined ? '' : `${path(spans.find(({ spanId }) => spanId === span.parentSpanId))}/${span.name}`;
  expect(spans.filter(({ scope }) => scope.name === 'swansong/redis').map(path)).toEqual([
    '/POST/POST/add mails.welcome/process mails/SET',
  ]);
  const commands = spans.filter(({ scope }) => scope.name === 'swansong/ioredis');
  const request = spans.find(({ name, kind }) => name === 'POST' && kind === 2);
  expect(commands.filter(({ traceId }) => traceId === request?.traceId).map(path)).toEqual([
    '/POST/POST/add mails.welcome/EVAL',
    '/POST/POST/add mails.welcome/process mails/complete mails/EVAL',
  ]);
  // What else there is belongs to BullMQ's own spans.
  const roots = commands.filter(({ parentSpanId }) => !spans.some(({ spanId }) => spanId === parentSpanId));
  expect(roots).toEqual([]);
  expect(commands.map(({ name }) => name)).not.toContain('BZPOPMIN');
  expect(asText([spans, backend.metrics(), backend.logRecords()])).not.toContain(SECRET);
});
