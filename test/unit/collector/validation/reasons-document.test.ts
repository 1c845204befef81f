import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Collector, startCollector } from '../../../../src/collector.ts';
import type { SignalName } from '../../../../src/collector/signals.ts';
import { INVALID_REASONS } from '../../../../src/self-metrics/invalid-reason.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { JSON_TYPE, send } from '../support/http-client.ts';
import { logs, metrics, POINT, RECORD, SPAN, traces } from '../support/items.ts';

/*
 * docs/collector.md has the only table of why an item is invalid, and of what. Each pair of its rows is sent to a collector here, and so is
 * what the page calls valid.
 */

const page = (name: string): string => readFileSync(join(import.meta.dirname, '../../../../docs', name), 'utf8');

/** The rows between the markers: reasons, and of what. */
function documented(): readonly (readonly [reason: string, of: string])[] {
  const [, after = ''] = page('collector.md').split('<!-- reasons:start -->');
  const lines = after.split('<!-- reasons:end -->')[0]?.split('\n') ?? [];
  const rows = lines.filter((line) => line.startsWith('|')).slice(2);
  return rows.flatMap((row) => {
    const [reason = '', of = ''] = row
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    return of.split(', ').map((one): [string, string] => [reason.replaceAll('`', ''), one]);
  });
}

interface Reason {
  readonly reason: string;
  readonly count: number;
}

async function collecting(): Promise<{ collector: Collector; invalid: Reason[] }> {
  const invalid: Reason[] = [];
  const collector = await startCollector({
    port: 0,
    directory: await temporaryFolder(),
    metrics: {
      received: () => {},
      // The collector begins each series at 0.
      invalid: (count, { 'error.type': reason }) => void (count > 0 && invalid.push({ reason, count })),
      refused: () => {},
      observeWaiting: () => () => {},
      timeWrite: (write) => write(),
      recordWrite: () => {},
    },
  });
  onTestFinished(async () => void (await collector.close()));
  return { collector, invalid };
}

async function post({ url }: Collector, name: SignalName, body: string | object): Promise<number> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (await send(`${url}/v1/${name}`, { headers: JSON_TYPE, body: text })).status;
}

const sum = (aggregationTemporality: number): object =>
  metrics({ name: 's', sum: { dataPoints: [POINT], aggregationTemporality } });
const deep = `${'{"arrayValue":{"values":['.repeat(101)}{}${']}}'.repeat(101)}`;
const long = { key: 'k', value: { stringValue: 'x'.repeat(4 * 1024 * 1024) } };

const invalidItems: readonly (readonly [reason: string, of: string, name: SignalName, body: string | object])[] = [
  ['invalid_trace_id', 'spans', 'traces', traces({ ...SPAN, traceId: 'ab' })],
  ['invalid_span_id', 'spans', 'traces', traces({ ...SPAN, spanId: '' })],
  ['invalid_parent_span_id', 'spans', 'traces', traces({ ...SPAN, parentSpanId: 'ab' })],
  ['missing_time', 'spans', 'traces', traces({ ...SPAN, endTimeUnixNano: 0 })],
  ['missing_time', 'data points', 'metrics', metrics({ name: 'm', gauge: { dataPoints: [{ asInt: 1 }] } })],
  ['missing_name', 'metrics', 'metrics', metrics({ gauge: { dataPoints: [POINT] } })],
  ['bad_metric_data', 'metrics', 'metrics', metrics({ name: 'm' })],
  ['invalid_temporality', 'metrics', 'metrics', sum(0)],
  [
    'bucket_mismatch',
    'histogram points',
    'metrics',
    metrics({ name: 'h', histogram: { dataPoints: [{ ...POINT, explicitBounds: [1] }], aggregationTemporality: 1 } }),
  ],
  ['invalid_severity', 'log records', 'logs', logs({ ...RECORD, severityNumber: 25 })],
  ['too_large', 'all items', 'traces', traces({ ...SPAN, attributes: [long] })],
  ['undecodable', 'requests', 'logs', '{'],
  ['depth_exceeded', 'requests', 'logs', `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${deep}}]}]}]}`],
];

test.each(invalidItems)('%s of %s is counted as that', async (reason, _of, name, body) => {
  const { collector, invalid } = await collecting();
  await post(collector, name, body);
  expect(invalid).toEqual([{ reason, count: 1 }]);
});

test.each([
  ['a span without a name', 'traces', traces({ ...SPAN, name: '' })],
  ['a span that ends before it starts', 'traces', traces({ ...SPAN, endTimeUnixNano: '1' })],
  ['an attribute twice', 'traces', traces({ ...SPAN, attributes: [{ key: 'a' }, { key: 'a' }] })],
  ['a kind of the future', 'traces', traces({ ...SPAN, kind: -7, status: { code: 99 } })],
  ['a link with an invalid id', 'traces', traces({ ...SPAN, links: [{ traceId: 'ab', spanId: 'zz' }] })],
  ['a log record with an invalid id', 'logs', logs({ ...RECORD, traceId: 'ab', spanId: '00' })],
  [
    'an exemplar with an invalid id',
    'metrics',
    metrics({ name: 'm', gauge: { dataPoints: [{ ...POINT, exemplars: [{ traceId: 'ab', asInt: 1 }] }] } }),
  ],
] as const)('%s is valid', async (_what, name, body) => {
  const { collector, invalid } = await collecting();
  expect([await post(collector, name, body), invalid]).toEqual([200, []]);
  expect(collector.counts()[name]).toMatchObject({ items: 1, rejected: 0 });
});

test('each series begins at 0, with the reasons that items of its signal can have', async () => {
  const zeros: object[] = [];
  const collector = await startCollector({
    port: 0,
    directory: await temporaryFolder(),
    metrics: {
      received: (count, attributes) => void zeros.push({ ...attributes, count }),
      invalid: (count, attributes) => void zeros.push({ ...attributes, count }),
      refused: () => {},
      observeWaiting: () => () => {},
      timeWrite: (write) => write(),
      recordWrite: () => {},
    },
  });
  onTestFinished(async () => void (await collector.close()));
  const reasonsOf = (signal: SignalName): string[] =>
    invalidItems
      .filter(([, of, name]) => name === signal || of === 'all items' || of === 'requests')
      .map(([reason]) => reason);
  const expected = (['traces', 'metrics', 'logs'] as const).flatMap((signal) =>
    ['json', 'protobuf'].flatMap((encoding) => [
      { signal, encoding, count: 0 },
      ...reasonsOf(signal).map((reason) => ({ signal, encoding, 'error.type': reason, count: 0 })),
    ]),
  );
  const inOrder = (rows: readonly object[]): string[] =>
    rows
      .map((row) => JSON.stringify(Object.entries(row).toSorted(([one], [other]) => (one < other ? -1 : 1))))
      .toSorted();
  expect(inOrder(zeros)).toEqual(inOrder(expected));
});

test('the table has these, every reason of the closed list, and is the only one', () => {
  const rows = documented();
  expect(rows).toEqual([...invalidItems.map(([reason, of]) => [reason, of]), ['_OTHER', 'reasons']]);
  expect([...new Set(rows.map(([reason]) => reason))].toSorted()).toEqual([...INVALID_REASONS].toSorted());
  expect(page('self-metrics.md')).not.toMatch(/`(?:invalid_trace_id|missing_time)`/);
});
