import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { runFixture } from '../support/run-fixture.ts';
import { waitFor } from '../support/wait-for.ts';
import { type KeptFolder, keptFolder } from './support/kept-folder.ts';
import { startOtelcol } from './support/otelcol.ts';
import { type OtlpFileItems, readOtlpFile } from './support/otlp-file.ts';

const QUIET = { telemetry: { metrics: { level: 'none' } } };
const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;

let folder: KeptFolder;
beforeEach(() => {
  folder = keptFolder();
});
afterEach(() => folder.remove());

/** What the collector has of a program's own. Over otlp/stdout it reads what the program printed. */
async function received(
  program: string,
  transport: (typeof PROTOCOLS)[number] | 'otlp/stdout',
): Promise<OtlpFileItems> {
  const file = join(folder.path, 'received.jsonl');
  const printed = join(folder.path, 'printed.jsonl');
  const [http, grpc] = [await freePort(), await freePort()];
  const isPrinted = transport === 'otlp/stdout';
  const receivers = isPrinted
    ? { otlp_json_file: { include: [printed], start_at: 'beginning', include_file_name: false } }
    : { otlp: { protocols: { http: { endpoint: `127.0.0.1:${http}` }, grpc: { endpoint: `127.0.0.1:${grpc}` } } } };
  const pipeline = { receivers: Object.keys(receivers), exporters: ['file'] };
  const otelcol = await startOtelcol({
    config: {
      receivers,
      exporters: { file: { path: file, rotation: { max_megabytes: 1000 } } },
      service: { ...QUIET, pipelines: { traces: pipeline, logs: pipeline, metrics: pipeline } },
    },
  });
  const env = isPrinted
    ? { OTEL_TRACES_EXPORTER: transport, OTEL_LOGS_EXPORTER: transport, OTEL_METRICS_EXPORTER: transport }
    : {
        OTEL_EXPORTER_OTLP_PROTOCOL: transport,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${transport === 'grpc' ? grpc : http}`,
      };
  try {
    const { code, stdout, stderr } = await runFixture({ program, args: ['drain'], env });
    expect({ code, refused: stderr.match(/.*(?:refused|rejected|HTTP 4).*/g) }).toEqual({ code: 0, refused: null });
    if (isPrinted) {
      writeFileSync(printed, stdout);
      const lines = stdout.split('\n').filter((line) => line.startsWith('{"resource')).length;
      await waitFor(() => requestsIn(readOtlpFile(file)) >= lines, 'as many requests as were printed');
    }
    return ownOf(readOtlpFile(file));
  } finally {
    await otelcol.stop();
  }
}

function requestsIn({ spans, logRecords, metrics }: OtlpFileItems): number {
  return new Set([...spans, ...logRecords, ...metrics].map(({ request }) => request)).size;
}

function ownOf({ spans, logRecords, metrics }: OtlpFileItems): OtlpFileItems {
  const isOwn = ({ scope }: { readonly scope: { readonly name: string } }): boolean =>
    scope.name !== 'swansong' && !scope.name.startsWith('@opentelemetry/');
  return { spans: spans.filter(isOwn), logRecords: logRecords.filter(isOwn), metrics: metrics.filter(isOwn) };
}

describe.each([...PROTOCOLS, 'otlp/stdout'] as const)('the real collector takes over %s', (transport) => {
  it('all that a program sends which misuses the API: names, numbers, times and bodies of every kind', async () => {
    const { spans, logRecords, metrics } = await received('misuse.mjs', transport);
    expect(spans.filter(({ name }) => name.startsWith('good '))).toHaveLength(57);
    expect(spans).toHaveLength(85);
    expect(logRecords.filter(({ body }) => typeof body === 'string' && body.startsWith('good '))).toHaveLength(57);
    expect(logRecords).toHaveLength(74);
    const values = metrics.map(({ name, value }) => [name, value]);
    expect(values).toEqual(
      expect.arrayContaining([
        ['app.good', 57],
        ['app.infinite', 'Infinity'],
        ['app.huge', 1e300],
      ]),
    );
  });

  it('what a program sends of which an item in the middle cannot be encoded', async () => {
    const { spans, logRecords, metrics } = await received('poison.mjs', transport);
    expect({ spans: spans.length, records: logRecords.length, points: metrics.length }).toEqual({
      spans: 150,
      records: 150,
      points: 151,
    });
  });
});
