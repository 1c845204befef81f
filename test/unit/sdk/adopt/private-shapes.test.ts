import { createRequire } from 'node:module';
import { Agent } from 'node:https';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { readMetricReader, readProcessor } from '../../../../src/sdk/adopt/batching.ts';
import { grpcFinalDelivery } from '../../../../src/sdk/adopt/grpc-final-delivery.ts';
import { createOtherLogger } from '../../../../src/sdk/adopt/other-logger.ts';
import { readOtlpHttpExporter } from '../../../../src/sdk/adopt/otlp-http-exporter.ts';
import { LOG_RECORDS, METRICS, type SignalKind, SPANS } from '../../../../src/sdk/export/signal-kinds.ts';
import { ownNodeSdkProgram, SDK_VERSIONS, type SdkVersion } from '../../../support/own-node-sdk.ts';

/**
 * Private fields of the SDK that src/sdk/adopt reads, in each version. Where one of these fails after an update, exporters of that
 * version are no longer taken over: they are kept, and deliver only while the process runs.
 */
const require = createRequire(import.meta.url);

type Construct = (options?: unknown, more?: unknown) => object;
interface Sdk {
  readonly json: Readonly<Record<'trace' | 'log' | 'metric', Construct>>;
  readonly protobuf: Sdk['json'];
  readonly batchSpans: Construct;
  readonly simpleSpans: Construct;
  readonly batchLogs: Construct;
  readonly simpleLogs: Construct;
  readonly periodic: Construct;
  readonly traceSdk: { readonly BatchSpanProcessor: new (...parameters: unknown[]) => object };
  readonly batchArguments: (exporter: unknown) => unknown[];
  readonly logsSdk: { readonly LoggerProvider: new (options: object) => { getLogger(name: string): never } };
}

const load = (version: SdkVersion): Sdk => require(ownNodeSdkProgram(version, 'sdk.cjs'));

const BATCH = { maxQueueSize: 1, maxExportBatchSize: 1, scheduleDelayMillis: 1, exportTimeoutMillis: 1 };

beforeAll(() => {
  // Where exporters of the programs send.
  vi.stubEnv('BACKEND', 'http://127.0.0.1:4318');
});

const readerOf = <T>(signal: SignalKind<T>) => ({
  path: signal.path,
  readExporter: (exporter: object) => readOtlpHttpExporter(exporter, signal, { 'x-variable': '1' }),
});

describe.each(SDK_VERSIONS)('what is private in sdk-node %s', (version) => {
  const sdk = load(version);

  it.each([
    ['json', 'trace', readerOf(SPANS)],
    ['json', 'log', readerOf(LOG_RECORDS)],
    ['json', 'metric', readerOf(METRICS)],
    ['protobuf', 'trace', readerOf(SPANS)],
    ['protobuf', 'log', readerOf(LOG_RECORDS)],
    ['protobuf', 'metric', readerOf(METRICS)],
  ] as const)('an OTLP/HTTP exporter: %s, %s', async (format, name, { path, readExporter }) => {
    const exporter = sdk[format][name]({
      url: `https://shop.example:8443/in/v1/${path}`,
      compression: 'gzip',
      timeoutMillis: 1234,
      headers: { 'X-Tenant': '7' },
      httpAgentOptions: {
        ca: 'authority',
        cert: 'certificate',
        key: 'key',
        passphrase: 'secret',
        rejectUnauthorized: false,
      },
    });
    const read = readExporter(exporter);
    if (read === undefined) throw new Error('not recognised');
    const { destination } = read;
    const headers = typeof destination.headers === 'function' ? await destination.headers() : destination.headers;
    expect({
      format: read.format,
      timeoutMillis: read.timeoutMillis,
      contentType: read.encoding.contentType,
      endpoint: destination.endpoint,
      compression: destination.compression,
      headers,
      latest: destination.latestHeaders(),
      agent: (await destination.agent()) instanceof Agent,
      tls: destination.tls(),
    }).toEqual({
      format: format === 'json' ? 'http/json' : 'http/protobuf',
      timeoutMillis: 1234,
      contentType: format === 'json' ? 'application/json' : 'application/x-protobuf',
      endpoint: `https://shop.example:8443/in/v1/${path}`,
      compression: 'gzip',
      headers: expect.objectContaining({ 'x-tenant': '7' }),
      latest: headers,
      agent: true,
      tls: {
        ca: Buffer.from('authority'),
        cert: Buffer.from('certificate'),
        key: Buffer.from('key'),
        passphrase: 'secret',
        rejectUnauthorized: false,
      },
    });
  });

  it('headers that are not known yet are those of the variables', () => {
    const read = readOtlpHttpExporter(sdk.json.trace(), SPANS, { 'x-variable': '1' });
    const known = read?.destination.latestHeaders();
    // Up to 0.203 nothing of an exporter is behind a promise.
    expect([known?.['x-variable'], known?.['authorization']]).toEqual(
      version === '0.203' ? [undefined, 'Bearer of the exporter'] : ['1', undefined],
    );
  });

  it('an agent that is none of Node’s own is left to the exporter', async () => {
    class ProxyAgent extends Agent {}
    const options = version === '0.203' ? {} : { httpAgentOptions: () => new ProxyAgent() };
    const read = readOtlpHttpExporter(sdk.json.trace({ url: 'https://shop.example', ...options }), SPANS, {});
    const agent = await read?.destination.agent();
    // In 0.203 there are only options of an agent.
    expect(agent instanceof Agent).toBe(version === '0.203');
  });

  it('batch and simple processors: the exporter inside, and the batches', () => {
    const exporter = sdk.json.trace();
    const options = { maxQueueSize: 9, maxExportBatchSize: 8, scheduledDelayMillis: 7, exportTimeoutMillis: 6 };
    const batch = { maxQueueSize: 9, maxExportBatchSize: 8, scheduleDelayMillis: 7, exportTimeoutMillis: 6 };
    expect(
      [
        sdk.batchSpans(exporter, options),
        sdk.batchLogs(exporter, options),
        sdk.simpleSpans(exporter),
        sdk.simpleLogs(exporter),
      ].map((processor) => readProcessor(processor, BATCH)),
    ).toEqual([
      { exporter, batch, isBatch: true },
      { exporter, batch, isBatch: true },
      { exporter, batch: { ...BATCH, scheduleDelayMillis: 0 }, isBatch: false },
      { exporter, batch: { ...BATCH, scheduleDelayMillis: 0 }, isBatch: false },
    ]);
  });

  it('a subclass, an instance with a method of its own and a look-alike are somebody’s', () => {
    class Filtering extends sdk.traceSdk.BatchSpanProcessor {
      onEnd(): void {}
    }
    const replaced = Object.assign(sdk.batchSpans(sdk.json.trace()), { onEnd() {} });
    const lookAlike = { _exporter: sdk.json.trace(), onStart() {}, onEnd() {}, forceFlush() {}, shutdown() {} };
    for (const processor of [new Filtering(...sdk.batchArguments(sdk.json.trace())), replaced, lookAlike, undefined, 7])
      expect(readProcessor(processor, BATCH)).toBeUndefined();
    class Retrying extends Object.getPrototypeOf(sdk.json.trace()).constructor {
      export(): void {}
    }
    expect(readOtlpHttpExporter(new Retrying(), SPANS, {})).toBeUndefined();
  });

  it('a periodic reader: exporter, interval, and what it selects', () => {
    const exporter = sdk.protobuf.metric({ temporalityPreference: 0 });
    const reader = sdk.periodic(exporter, { exportIntervalMillis: 5000, exportTimeoutMillis: 4000 });
    const read = readMetricReader(reader);
    expect(read).toMatchObject({ exporter, intervalMillis: 5000, timeoutMillis: 4000, metricProducers: [] });
    // Delta (0) of a counter ("COUNTER").
    expect(
      read?.aggregationTemporalitySelector(
        Reflect.get(require('@opentelemetry/sdk-metrics').InstrumentType, 'COUNTER'),
      ),
    ).toBe(0);
  });

  it('an OTLP/gRPC exporter without TLS: target, method and metadata', async () => {
    const fromSdk = createRequire(ownNodeSdkProgram(version, 'sdk.cjs'));
    const { OTLPTraceExporter } = fromSdk('@opentelemetry/exporter-trace-otlp-grpc');
    const { Metadata } = fromSdk('@grpc/grpc-js');
    const metadata = new Metadata();
    metadata.set('x-tenant', '7');
    const deliver = grpcFinalDelivery(new OTLPTraceExporter({ url: 'http://127.0.0.1:4317', metadata }), SPANS);
    expect(deliver?.([])).toMatchObject({
      kind: 'request',
      request: {
        protocol: 'grpc',
        target: '127.0.0.1:4317',
        secure: false,
        method: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        metadata: { 'x-tenant': '7' },
        gzip: false,
      },
    });
    expect(grpcFinalDelivery(new OTLPTraceExporter({ url: 'https://127.0.0.1:4317' }), SPANS)).toBeUndefined();
    expect(grpcFinalDelivery(sdk.json.trace(), SPANS)).toBeUndefined();
  });

  it('a logger: the resource of its provider', () => {
    const { resourceFromAttributes } = createRequire(ownNodeSdkProgram(version, 'sdk.cjs'))('@opentelemetry/resources');
    const provider = new sdk.logsSdk.LoggerProvider({ resource: resourceFromAttributes({ 'shop.floor': 3 }) });
    const emitted: unknown[] = [];
    const processor = {
      onEmit: (record: { resource: { attributes: unknown } }) => void emitted.push(record.resource.attributes),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    createOtherLogger(provider.getLogger('x'), {}, [processor]).emit({ body: 'said' });
    createOtherLogger(undefined, { serviceName: 'shop' }, [processor]).emit({ body: 'said' });
    expect(emitted).toEqual([{ 'shop.floor': 3 }, { 'service.name': 'shop' }]);
  });
});
