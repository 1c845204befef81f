// The throughput of one core with the configurations of collector-config: node bench/otelcol/otelcol.ts
// In spans per second of the collector's CPU time in /proc, which depends little on other processes.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, credentials } from '@grpc/grpc-js';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { fieldsAt } from '../harness/protobuf-fields.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SECONDS = Number(process.argv[2] ?? 15);
const SPANS_PER_REQUEST = 512;
const SPANS_PER_TRACE = 8;
const IN_FLIGHT = 8;
/** Time for the decision of tail sampling (2 s) and the queues. */
const DRAIN_MILLIS = 5000;
const PORTS = { in: 23_100, sinkGrpc: 23_101, sinkHttp: 23_102, health: 23_103, metrics: 23_104 };
/** USER_HZ: a hundredth of a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

const otelcol = execFileSync(join(ROOT, 'scripts/otelcol.sh'), { encoding: 'utf8' }).trim();
const folder = mkdtempSync(join(tmpdir(), 'swansong-otelcol-'));

const children: ChildProcess[] = [];

/** 512 spans of 15 attributes, as swansong sends them. */
function requestBody(): Buffer {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('bench');
  const attributes = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`app.attribute.${i}`, `value ${i}`]));
  for (let i = 0; i < SPANS_PER_REQUEST; i += 1) tracer.startSpan(`GET /resource/${i % 10}`, { attributes }).end();
  return Buffer.from(ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans()) ?? []);
}

/** Writes new ids into the body: eight spans to a trace. */
function renew(body: Buffer): Buffer {
  const traceId = Buffer.alloc(16);
  const copy = Buffer.from(body);
  const [traceIds, spanIds] = [fieldsAt(copy, [1, 2, 2, 1]), fieldsAt(copy, [1, 2, 2, 2])];
  for (const [i, field] of traceIds.entries()) {
    if (i % SPANS_PER_TRACE === 0) randomFillSync(traceId);
    traceId.copy(field);
  }
  for (const field of spanIds) randomFillSync(field);
  return copy;
}

async function start(config: string, env: Record<string, string>): Promise<ChildProcess> {
  const child = spawn(otelcol, ['--config', config], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      log += String(chunk);
      if (log.includes('Everything is ready')) resolve();
    });
    child.once('exit', () => reject(new Error(`the collector ended\n${log}`)));
  });
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function peakMebibytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function load(body: Buffer): Promise<{ readonly spans: number; readonly refused: number }> {
  const client = new Client(`127.0.0.1:${PORTS.in}`, credentials.createInsecure());
  const until = performance.now() + SECONDS * 1000;
  let spans = 0;
  let refused = 0;
  const post = (): Promise<boolean> =>
    new Promise((resolve) => {
      client.makeUnaryRequest(
        EXPORT,
        (message: Buffer) => message,
        (message: Buffer) => message,
        renew(body),
        (error) => resolve(error === null),
      );
    });
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (performance.now() < until) {
        if (await post()) spans += SPANS_PER_REQUEST;
        else refused += SPANS_PER_REQUEST;
      }
    }),
  );
  client.close();
  return { spans, refused };
}

const body = requestBody();
console.log(`${SPANS_PER_REQUEST} spans to a request of ${body.length} bytes, ${SECONDS} s, GOMAXPROCS=1`);
const sinkConfig = join(folder, 'sink.yaml');
writeFileSync(
  sinkConfig,
  JSON.stringify({
    receivers: {
      otlp: {
        protocols: {
          grpc: { endpoint: `127.0.0.1:${PORTS.sinkGrpc}`, max_recv_msg_size_mib: 64 },
          http: { endpoint: `127.0.0.1:${PORTS.sinkHttp}` },
        },
      },
    },
    exporters: { debug: { verbosity: 'basic' } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: ['debug'] } },
    },
  }),
);

try {
  await start(sinkConfig, {});
  for (const name of ['local', 'agent', 'gateway']) {
    const child = await start(join(ROOT, 'collector-config', `${name}.yaml`), {
      GOMAXPROCS: '1',
      OTLP_GRPC_ENDPOINT: `127.0.0.1:${PORTS.in}`,
      OTLP_HTTP_ENDPOINT: '127.0.0.1:23105',
      JAEGER_ENDPOINT: `127.0.0.1:${PORTS.sinkGrpc}`,
      GATEWAYS: `["127.0.0.1:${PORTS.sinkGrpc}"]`,
      BACKEND_ENDPOINT: `http://127.0.0.1:${PORTS.sinkHttp}`,
      HEALTH_ENDPOINT: `127.0.0.1:${PORTS.health}`,
      PROMETHEUS_ENDPOINT: '127.0.0.1:23106',
      SELF_METRICS_PORT: String(PORTS.metrics),
      LOG_FILE: join(folder, 'logs.jsonl'),
      QUEUE_DIRECTORY: join(folder, name),
      MEMORY_LIMIT_MIB: '2048',
      DECISION_WAIT: '2s',
    });
    const { pid = 0 } = child;
    const before = processorSeconds(pid);
    const { spans, refused } = await load(body);
    await delay(DRAIN_MILLIS);
    const used = processorSeconds(pid) - before;
    console.log(
      `${name}: ${Math.round(spans / used)} spans and ${Math.round(spans / SPANS_PER_REQUEST / used)} requests ` +
        `per second of processor time; ${Math.round(spans / SECONDS)} spans/s, ${refused} refused, ` +
        `peak ${Math.round(peakMebibytes(pid))} MiB`,
    );
    await stop(child);
  }
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}
