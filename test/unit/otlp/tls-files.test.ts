import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/resolve-config.ts';
import { readTlsFiles } from '../../../src/otlp/tls-files.ts';
import { authority } from '../../support/certificates.ts';

describe('readTlsFiles', () => {
  it('reads the configured files, and reports those that cannot be read', () => {
    const { config } = resolveConfig({
      OTEL_EXPORTER_OTLP_CERTIFICATE: authority,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/no/such/key.pem',
    });
    const warnings: string[] = [];
    const files = readTlsFiles(config.traces.otlp, (message) => void warnings.push(message));
    expect(files).toEqual({ ca: readFileSync(authority), key: undefined, cert: undefined });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^the client key "\/no\/such\/key\.pem" cannot be read \(Error: ENOENT: .*\), going on without it$/,
      ),
    ]);
  });

  it('names each file that cannot be read', () => {
    const { config } = resolveConfig({
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/ca.pem',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/no/key.pem',
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/no/cert.pem',
    });
    const warnings: string[] = [];
    readTlsFiles(config.traces.otlp, (message) => void warnings.push(message));
    expect(warnings.map((line) => line.split(' cannot be read', 1)[0])).toEqual([
      'the CA certificate "/no/ca.pem"',
      'the client key "/no/key.pem"',
      'the client certificate "/no/cert.pem"',
    ]);
  });
});
