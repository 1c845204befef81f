import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDINGS } from '../support/endings.ts';
import { endOf, expectedOf, runEndingInto, summaryOf } from '../support/endings-run.ts';
import type { ReceivedSpan } from '../support/received-telemetry.ts';
import { freePort } from '../support/free-port.ts';
import { type KeptFolder, keptFolder } from './support/kept-folder.ts';
import { type Otelcol, startOtelcol } from './support/otelcol.ts';
import { readOtlpFile } from './support/otlp-file.ts';

/** Throw, unhandled rejection, process.exit(), signals with shutdown(). */
const ROWS = [1, 5, 12, 14];

let folder: KeptFolder;
let file: string;
let otelcol: Otelcol;
let url: string;

beforeAll(async () => {
  folder = keptFolder();
  file = join(folder.path, 'received.jsonl');
  const endpoint = `127.0.0.1:${await freePort()}`;
  url = `http://${endpoint}`;
  const pipeline = { receivers: ['otlp'], exporters: ['file'] };
  otelcol = await startOtelcol({
    config: {
      receivers: { otlp: { protocols: { http: { endpoint } } } },
      // With rotation the exporter writes through: what is acknowledged is in the file.
      exporters: { file: { path: file, rotation: { max_megabytes: 1000 } } },
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: { traces: pipeline, logs: pipeline, metrics: pipeline },
      },
    },
  });
});

afterAll(async () => {
  await otelcol?.stop();
  folder?.remove();
});

describe.each(ENDINGS.filter(({ row }) => ROWS.includes(row)))('row $row: $ending', ({ row, programs }) => {
  it.for(programs)('$name', async (program, { onTestFinished }) => {
    const service = `row ${row}: ${program.name}`;
    const ofProgram = ({ resource }: Pick<ReceivedSpan, 'resource'>): boolean => resource['service.name'] === service;
    const backend = {
      acknowledgedSpans: () => readOtlpFile(file).spans.filter(ofProgram),
      acknowledgedLogRecords: () => readOtlpFile(file).logRecords.filter(ofProgram),
    };
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SERVICE_NAME: service };
    const expected = expectedOf(program);
    const { bare, preloaded, received } = await runEndingInto({ backend, env }, program, onTestFinished);
    expect({ ends: endOf(bare, expected.ends), preloaded, received }).toEqual({
      ends: { signal: null, stdout: '', stderr: '', ...expected.ends },
      preloaded: bare,
      received: summaryOf(expected),
    });
  });
});
