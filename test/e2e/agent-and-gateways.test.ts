import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, startFixture } from '../support/run-fixture.ts';
import { waitFor } from '../support/wait-for.ts';
import { freePort } from '../support/free-port.ts';
import { type KeptFolder, keptFolder } from './support/kept-folder.ts';
import { type Otelcol, startOtelcol } from './support/otelcol.ts';
import { readOtlpFile } from './support/otlp-file.ts';

const AGENT = fileURLToPath(new URL('../../collector-config/agent.yaml', import.meta.url));
const GATEWAY = fileURLToPath(new URL('../../collector-config/gateway.yaml', import.meta.url));
/** Milliseconds. A collector that found its next one away tries again within 30 s. */
const BOUND = { boundMillis: 90_000 };
const POLL = { timeout: 90_000, interval: 50 };

/** agent.yaml in front of two of gateway.yaml in front of a collector that writes a file, on free ports. */
class Chain {
  readonly #folder: KeptFolder = keptFolder();
  readonly #running = new Map<string, Otelcol>();
  readonly #ports = new Map<string, number>();
  readonly #gatewayEnv: Readonly<Record<string, string>>;

  constructor(gatewayEnv: Readonly<Record<string, string>>) {
    this.#gatewayEnv = gatewayEnv;
  }

  async startAll(): Promise<void> {
    for (const name of ['agent', 'gateway 1', 'gateway 2', 'file']) {
      this.#ports.set(name, await freePort());
      this.#ports.set(`${name}: metrics`, await freePort());
    }
    await this.startFile();
    await this.startGateway(1);
    await this.startGateway(2);
    await this.startAgent();
  }

  /** Its answers are those of the outermost collector: what it has acknowledged is in the file. */
  async startFile(): Promise<void> {
    const pipeline = { receivers: ['otlp'], exporters: ['file'] };
    const otelcol = await startOtelcol({
      config: {
        receivers: { otlp: { protocols: { http: { endpoint: this.#address('file') } } } },
        exporters: { file: { path: this.#file, rotation: { max_megabytes: 1000 } } },
        service: { telemetry: { metrics: { level: 'none' } }, pipelines: { traces: pipeline, logs: pipeline } },
      },
    });
    this.#running.set('file', otelcol);
  }

  async startGateway(number: 1 | 2): Promise<void> {
    const name = `gateway ${number}`;
    await this.#start(name, GATEWAY, {
      OTLP_GRPC_ENDPOINT: this.#address(name),
      BACKEND_ENDPOINT: `http://${this.#address('file')}`,
      DECISION_WAIT: '1s',
      ...this.#gatewayEnv,
    });
  }

  async startAgent(): Promise<void> {
    await this.#start('agent', AGENT, {
      OTLP_HTTP_ENDPOINT: this.#address('agent'),
      OTLP_GRPC_ENDPOINT: `127.0.0.1:${await freePort()}`,
      GATEWAYS: JSON.stringify([this.#address('gateway 1'), this.#address('gateway 2')]),
    });
  }

  startProgram(): Fixture {
    return startFixture({
      program: 'send-traces.mjs',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://${this.#address('agent')}`,
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '50',
      },
      timeoutMillis: 110_000,
    });
  }

  /** As the kernel ends a process that used too much memory. */
  async kill(name: string): Promise<void> {
    await this.#running.get(name)?.kill();
  }

  async stop(name: string): Promise<void> {
    await this.#running.get(name)?.stop();
  }

  /** What waits in the queues of the gateways' exporters: they tell so by their own metrics. */
  async queued(): Promise<{ readonly spans: number; readonly records: number }> {
    const pages = await Promise.all(
      ['gateway 1', 'gateway 2'].map(async (name) => {
        const response = await fetch(`http://${this.#address(`${name}: metrics`)}/metrics`);
        return response.text();
      }),
    );
    const sum = (signal: string): number =>
      pages
        .flatMap((page) => [...page.matchAll(/^otelcol_exporter_queue_size\{.*data_type="(\w+)".*\} (\d+)$/gm)])
        .filter(([, type]) => type === signal)
        .reduce((total, [, , size]) => total + Number(size), 0);
    return { spans: sum('traces'), records: sum('logs') };
  }

  /** What the file holds, each once: at least once is the promise. Names of spans, bodies of records. */
  received(): { readonly spans: ReadonlySet<string>; readonly records: ReadonlySet<string> } {
    const { spans, logRecords } = readOtlpFile(this.#file);
    return {
      spans: new Set(spans.map(({ name }) => name)),
      records: new Set(
        logRecords.flatMap(({ body }) => (typeof body === 'string' && body.startsWith('record') ? body : [])),
      ),
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((otelcol) => otelcol.kill()));
    this.#folder.remove();
  }

  get #file(): string {
    return join(this.#folder.path, 'received.jsonl');
  }

  #address(name: string): string {
    return `127.0.0.1:${this.#ports.get(name) ?? 0}`;
  }

  async #start(name: string, config: string, env: Readonly<Record<string, string>>): Promise<void> {
    const otelcol = await startOtelcol({
      config,
      env: {
        QUEUE_DIRECTORY: join(this.#folder.path, name.replace(' ', '-')),
        HEALTH_ENDPOINT: `127.0.0.1:${await freePort()}`,
        SELF_METRICS_PORT: String(this.#ports.get(`${name}: metrics`) ?? 0),
        ...env,
      },
    });
    this.#running.set(name, otelcol);
  }
}

function tracesBetween(from: number, to: number): { readonly spans: string[]; readonly records: string[] } {
  const numbers = Array.from({ length: to - from }, (_, i) => from + i);
  return {
    spans: numbers.flatMap((number) => [`root ${number}`, `first ${number}`, `second ${number}`]),
    records: numbers.map((number) => `record ${number}`),
  };
}

async function send(program: Fixture, from: number, to: number): Promise<void> {
  program.write(`${from} ${to}\n`);
  expect(await program.line(`${from} ${to}: `, BOUND)).toBe(`${from} ${to}: delivered`);
}

function arrived(chain: Chain, from: number, to: number): boolean {
  const { spans, records } = chain.received();
  const expected = tracesBetween(from, to);
  return expected.spans.every((name) => spans.has(name)) && expected.records.every((body) => records.has(body));
}

describe('agent → two gateways → file, each a process', () => {
  let chain: Chain;
  afterEach(() => chain.close());

  describe('that keep everything', () => {
    beforeEach(async () => {
      chain = new Chain({ SAMPLING_PERCENTAGE: '100' });
      await chain.startAll();
    });

    it('loses nothing when a gateway is killed, the agent is killed with it, and both come back', async () => {
      const program = chain.startProgram();
      await send(program, 0, 200);
      await waitFor(() => arrived(chain, 0, 200), 'all that was sent while all was well', BOUND);
      await chain.kill('gateway 1');
      await send(program, 200, 400);
      // The share of the other one arrives; a trace is whole on one of them.
      await waitFor(() => chain.received().spans.size > 600, 'the share of the gateway that lives', BOUND);
      expect(chain.received().spans.size).toBeLessThan(1200);
      await chain.kill('agent');
      await chain.startGateway(1);
      await chain.startAgent();
      await waitFor(() => arrived(chain, 0, 400), 'all that was sent', BOUND);
      const { spans, records } = chain.received();
      const expected = tracesBetween(0, 400);
      expect({ spans: new Set(spans), records: new Set(records) }).toEqual({
        spans: new Set(expected.spans),
        records: new Set(expected.records),
      });
    });

    it('loses nothing when the backend is unreachable and the gateways that wait for it are killed', async () => {
      const program = chain.startProgram();
      await chain.stop('file');
      await send(program, 0, 200);
      await expect.poll(() => chain.queued(), POLL).toEqual({ spans: 600, records: 200 });
      await chain.kill('gateway 1');
      await chain.kill('gateway 2');
      await chain.startFile();
      await chain.startGateway(1);
      await chain.startGateway(2);
      await waitFor(() => arrived(chain, 0, 200), 'all that was sent', BOUND);
      const { spans, records } = chain.received();
      expect({ spans: spans.size, records: records.size }).toEqual({ spans: 600, records: 200 });
    });
  });

  describe('that keep errors only', () => {
    beforeEach(async () => {
      chain = new Chain({ SAMPLING_PERCENTAGE: '0' });
      await chain.startAll();
    });

    it('keeps every trace with an error, whole, and none without', async () => {
      const program = chain.startProgram();
      await send(program, 0, 200);
      const failed = Array.from({ length: 20 }, (_, i) => i * 10);
      await waitFor(() => chain.received().spans.size >= 60, 'the traces with an error', BOUND);
      // What is undecided now is decided when they stop.
      await chain.stop('agent');
      await chain.stop('gateway 1');
      await chain.stop('gateway 2');
      expect([...chain.received().spans].toSorted()).toEqual(
        failed.flatMap((number) => tracesBetween(number, number + 1).spans).toSorted(),
      );
    });
  });
});
