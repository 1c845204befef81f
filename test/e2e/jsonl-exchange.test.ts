import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startCollector } from '../../src/collector.ts';
import { encodeProtobuf } from '../../src/collector/codec/otlp-protobuf.ts';
import { runFixture } from '../support/run-fixture.ts';
import { waitFor } from '../support/wait-for.ts';
import { freePort } from '../support/free-port.ts';
import { type KeptFolder, keptFolder } from './support/kept-folder.ts';
import { startOtelcol } from './support/otelcol.ts';
import { linesOf, type OtlpFileItems, readOtlpFile } from './support/otlp-file.ts';

const SIGNALS = ['traces', 'metrics', 'logs'] as const;
const QUIET = { telemetry: { metrics: { level: 'none' } } };

let folder: KeptFolder;
beforeEach(() => {
  folder = keptFolder();
});
afterEach(() => folder.remove());

/** Every field of every item, in an order that both sides have; the requests may be cut differently. */
function comparable({ spans, logRecords, metrics }: OtlpFileItems): object {
  const inOrder = (items: readonly { readonly request: number }[]): string[] =>
    items.map((item) => JSON.stringify({ ...item, request: 0 }, (_key, value: unknown) => printable(value))).toSorted();
  return { spans: inOrder(spans), logRecords: inOrder(logRecords), metrics: inOrder(metrics) };
}

function printable(value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

function filesIn(directory: string): OtlpFileItems {
  const files = SIGNALS.map((signal) => readOtlpFile(join(directory, `${signal}.jsonl`)));
  return {
    spans: files.flatMap(({ spans }) => spans),
    logRecords: files.flatMap(({ logRecords }) => logRecords),
    metrics: files.flatMap(({ metrics }) => metrics),
  };
}

function size({ spans, logRecords, metrics }: OtlpFileItems): number {
  return spans.length + logRecords.length + metrics.length;
}

async function sendAccount(url: string): Promise<void> {
  const { code, stderr } = await runFixture({
    program: 'account-for-itself.mjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

/** Of less than 1 MiB, but more as JSON: lines of more the real collector cuts by default. */
async function sendLargeRequest(url: string, count: number): Promise<void> {
  const attributes = Array.from({ length: 12 }, (_, index) => ({ key: `some.key.${index}`, value: { intValue: '1' } }));
  const spans = Array.from({ length: count }, (_, index) => ({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: String(index + 1).padStart(16, '0'),
    name: 'one of many',
    startTimeUnixNano: '1764000000000000000',
    endTimeUnixNano: '1764000000000000001',
    attributes,
  }));
  const body = encodeProtobuf('TracesData', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
  const headers = { 'content-type': 'application/x-protobuf' };
  const response = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body: Buffer.from(body) });
  expect({ status: response.status, bytes: (await response.arrayBuffer()).byteLength }).toEqual({
    status: 200,
    bytes: 0,
  });
}

it("the real collector reads the embedded collector's files: every item is the same", async () => {
  const directory = join(folder.path, 'telemetry');
  const collector = await startCollector({ port: 0, directory });
  await sendAccount(collector.url);
  await sendLargeRequest(collector.url, 2000);
  await collector.close();
  const written = filesIn(directory);
  expect(written.spans).toHaveLength(2060);

  const copy = join(folder.path, 'copy.jsonl');
  const pipeline = { receivers: ['otlp_json_file'], exporters: ['file'] };
  const otelcol = await startOtelcol({
    config: {
      receivers: {
        otlp_json_file: { include: [join(directory, '*.jsonl')], start_at: 'beginning', include_file_name: false },
      },
      exporters: { file: { path: copy, rotation: { max_megabytes: 1000 } } },
      service: { ...QUIET, pipelines: { traces: pipeline, logs: pipeline, metrics: pipeline } },
    },
  });
  try {
    await waitFor(() => size(readOtlpFile(copy)) >= size(written), 'as many items in the copy');
  } finally {
    await otelcol.stop();
  }
  expect(comparable(readOtlpFile(copy))).toEqual(comparable(written));
});

it("the embedded collector takes the real collector's file, line by line: every item is the same", async () => {
  const file = join(folder.path, 'received.jsonl');
  const endpoint = `127.0.0.1:${await freePort()}`;
  const pipeline = { receivers: ['otlp'], exporters: ['file'] };
  const otelcol = await startOtelcol({
    config: {
      receivers: { otlp: { protocols: { http: { endpoint } } } },
      exporters: { file: { path: file, rotation: { max_megabytes: 1000 } } },
      service: { ...QUIET, pipelines: { traces: pipeline, logs: pipeline, metrics: pipeline } },
    },
  });
  try {
    await sendAccount(`http://${endpoint}`);
  } finally {
    await otelcol.stop();
  }
  const written = readOtlpFile(file);
  expect(written.spans).toHaveLength(60);

  const directory = join(folder.path, 'telemetry');
  const collector = await startCollector({ port: 0, directory });
  try {
    for (const line of linesOf(file)) {
      const signal = SIGNALS.find((name) =>
        line.startsWith(`{"resource${name === 'traces' ? 'Spans' : capital(name)}"`),
      );
      const response = await fetch(`${collector.url}/v1/${signal ?? 'none'}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: line,
      });
      expect({ status: response.status, body: await response.json() }).toEqual({ status: 200, body: {} });
    }
  } finally {
    await collector.close();
  }
  expect(comparable(filesIn(directory))).toEqual(comparable(written));
});

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
