import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCollector } from '../../src/collector.ts';
import { type KeptFolder, keptFolder } from './support/kept-folder.ts';
import { goClient, type OtlpClient, pythonClient } from './support/otlp-clients.ts';
import { linesOf } from './support/otlp-file.ts';

/*
 * Programs with the SDKs of other languages send to the embedded collector and print each of their requests, as their own protobuf library
 * reads it. Every request is stored once, as it was sent: each field of each item.
 */

const SIGNALS = ['traces', 'metrics', 'logs'] as const;
/** The first start installs or builds the client. */
const MILLIS_TO_BUILD = 900_000;

let folder: KeptFolder;
beforeEach(() => {
  folder = keptFolder();
});
afterEach(() => folder.remove());

const clients: readonly (readonly [string, () => Promise<OtlpClient>])[] = [
  ['Python', pythonClient],
  ['Go', goClient],
];

describe.each(clients)('the SDK for %s', (_language, client) => {
  it(
    'sends all types of values: each item is stored once, as it was sent',
    async () => {
      const { command, args } = await client();
      const directory = join(folder.path, 'telemetry');
      const reported: string[] = [];
      const collector = await startCollector({ port: 0, directory, report: (line) => reported.push(line) });
      const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
      const { stdout, stderr } = await promisify(execFile)(command, args, { env, timeout: 60_000 });
      const counts = collector.counts();
      await collector.close();
      expect({ stderr, reported }).toEqual({ stderr: '', reported: [] });

      const sent = stdout.trim().split('\n').map(parseSent);
      for (const signal of SIGNALS) {
        const stored = linesOf(join(directory, `${signal}.jsonl`)).map((line): unknown => JSON.parse(line));
        expect(stored).toEqual(sent.filter(({ path }) => path === `/v1/${signal}`).map(({ request }) => request));
      }
      // A root and 50 children; five points of each of five metrics, and one; a record for each type of body.
      expect(counts).toEqual({
        traces: { requests: 1, items: 51, rejected: 0, refused: 0 },
        metrics: { requests: 1, items: 26, rejected: 0, refused: 0 },
        logs: { requests: 1, items: 9, rejected: 0, refused: 0 },
      });
      // What the SDK would have left out has not been sent at all.
      const text = SIGNALS.map((signal) => readFileSync(join(directory, `${signal}.jsonl`), 'utf8')).join('');
      for (const value of EXPECTED) expect(text).toContain(value);
    },
    MILLIS_TO_BUILD,
  );
});

const EXPECTED: readonly string[] = [
  String.raw`{"stringValue":"Grüße, 世界 🌍 \"\\\n\t\u0001"}`,
  '{"stringValue":""}',
  '{"boolValue":false}',
  '{"intValue":"0"}',
  '{"intValue":"9223372036854775807"}',
  '{"intValue":"-9223372036854775808"}',
  '{"intValue":"9007199254740993"}',
  '{"doubleValue":3}',
  '{"doubleValue":5e-324}',
  '{"doubleValue":-0}',
  '{"doubleValue":"NaN"}',
  '{"doubleValue":"-Infinity"}',
  '{"arrayValue":{}}',
  '{"kvlistValue":{}}',
  '{"bytesValue":"AAH+/w=="}',
  '"asInt":"9223372036854775807"',
  '"asDouble":-0',
  '"kvlistValue":{"values":[{"key":"map","value":{"kvlistValue":{"values":[{"key":"NaN"',
  '"exponentialHistogram":{"dataPoints":[{',
];

interface Sent {
  readonly path: string;
  readonly request: unknown;
}

function parseSent(line: string): Sent {
  const { path, request }: Sent = JSON.parse(line);
  return { path, request: asOtlpJson(request) };
}

const IDS: ReadonlySet<string> = new Set(['traceId', 'spanId', 'parentSpanId']);
/** Messages without presence of their own in OTLP: empty and absent mean the same. */
const IMPLICIT: ReadonlySet<string> = new Set(['resource', 'scope', 'status', 'value', 'body', 'positive', 'negative']);

/** ProtoJSON as OTLP/JSON: ids in hex and not in base64, no empty messages. */
function asOtlpJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asOtlpJson);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]): [string, unknown] => [
    key,
    IDS.has(key) ? Buffer.from(String(member), 'base64').toString('hex') : asOtlpJson(member),
  ]);
  return Object.fromEntries(members.filter(([key, member]) => !(IMPLICIT.has(key) && isEmpty(member))));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
