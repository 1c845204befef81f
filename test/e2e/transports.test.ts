import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authority, clientCertificate, serverCertificate } from '../support/certificates.ts';
import { runFixture } from '../support/run-fixture.ts';
import { type Account, accountOf } from './support/account.ts';
import { freePort } from '../support/free-port.ts';
import { keptFolder, type KeptFolder } from './support/kept-folder.ts';
import { type Otelcol, startOtelcol } from './support/otelcol.ts';
import { readOtlpFile } from './support/otlp-file.ts';

const SECURITIES = ['plain', 'TLS', 'mTLS'] as const;
type Security = (typeof SECURITIES)[number];
const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;

const SERVER_TLS = { cert_file: serverCertificate.cert, key_file: serverCertificate.key };
const RECEIVER_TLS: Readonly<Record<Security, object>> = {
  plain: {},
  TLS: { tls: SERVER_TLS },
  mTLS: { tls: { ...SERVER_TLS, client_ca_file: authority } },
};
const TRUST = { OTEL_EXPORTER_OTLP_CERTIFICATE: authority };
const SECURITY_ENV: Readonly<Record<Security, Readonly<Record<string, string>>>> = {
  plain: {},
  TLS: TRUST,
  mTLS: {
    ...TRUST,
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: clientCertificate.cert,
    OTEL_EXPORTER_OTLP_CLIENT_KEY: clientCertificate.key,
  },
};

interface Ports {
  readonly http: number;
  readonly grpc: number;
}

let folder: KeptFolder;
let file: string;
let otelcol: Otelcol;
const ports = new Map<Security, Ports>();

beforeAll(async () => {
  folder = keptFolder();
  file = join(folder.path, 'received.jsonl');
  const receivers: Record<string, object> = {};
  for (const security of SECURITIES) {
    const { http, grpc } = { http: await freePort(), grpc: await freePort() };
    ports.set(security, { http, grpc });
    const tls = RECEIVER_TLS[security];
    receivers[`otlp/${security}`] = {
      protocols: { http: { endpoint: `127.0.0.1:${http}`, ...tls }, grpc: { endpoint: `127.0.0.1:${grpc}`, ...tls } },
    };
  }
  const pipeline = { receivers: Object.keys(receivers), exporters: ['file'] };
  otelcol = await startOtelcol({
    config: {
      receivers,
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

function endpoint(security: Security, protocol: (typeof PROTOCOLS)[number]): string {
  const { http, grpc } = ports.get(security) ?? { http: 0, grpc: 0 };
  // By name: on Node 26 grpc-js cannot speak TLS with an address.
  return `${security === 'plain' ? 'http' : 'https'}://localhost:${protocol === 'grpc' ? grpc : http}`;
}

describe.each(SECURITIES)('the OpenTelemetry Collector, %s', (security) => {
  describe.each(PROTOCOLS)('%s', (protocol) => {
    describe.each(['none', 'gzip'])('compression %s', (compression) => {
      const run = async (
        how: 'flush' | 'exit',
      ): Promise<{ readonly made: Account; readonly arrived: Account; readonly stderr: string }> => {
        const service = `${security} ${protocol} ${compression} ${how}`;
        const { code, stdout, stderr } = await runFixture({
          program: 'account-for-itself.mjs',
          args: [how],
          env: {
            OTEL_SERVICE_NAME: service,
            OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(security, protocol),
            OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
            OTEL_EXPORTER_OTLP_COMPRESSION: compression,
            SWANSONG_EXIT_TIMEOUT: '10000',
            ...SECURITY_ENV[security],
          },
        });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        const made: Account = JSON.parse(stdout);
        return { made, arrived: accountOf(readOtlpFile(file), service), stderr };
      };

      it('has exactly the items that the program created', async () => {
        const { made, arrived } = await run('flush');
        expect(made.spans).toHaveLength(60);
        expect(arrived).toEqual(made);
      });

      it('holds every item of a program whose event loop only drained', async () => {
        const { made, arrived } = await run('exit');
        expect(arrived).toEqual(made);
      });
    });
  });
});

it('a client without the required certificate gets an error, and nothing arrives', async () => {
  const { stdout: _made, ...end } = await runFixture({
    program: 'account-for-itself.mjs',
    args: ['exit'],
    env: {
      ...TRUST,
      OTEL_SERVICE_NAME: 'stranger',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint('mTLS', 'http/protobuf'),
    },
  });
  expect(end).toEqual({
    code: 0,
    signal: null,
    stderr: expect.stringMatching(
      /^swansong: lost at the end of the process: 60 spans \(.*\), \d+ log records \(.*\)\n$/,
    ),
  });
  expect(accountOf(readOtlpFile(file), 'stranger')).toEqual({ spans: [], logRecords: [], metrics: [] });
});
