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
});
