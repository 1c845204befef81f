import { readFileSync } from 'node:fs';
import type { OtlpConfig } from '../config/config.ts';
import type { TlsFiles } from './create-agent.ts';

/**
 * The PEM files of one destination. A file that cannot be read is reported and left out: then exports fail at the TLS
 * handshake, which is reported, and the application still starts.
 */
export function readTlsFiles(config: OtlpConfig, warn: (message: string) => void): TlsFiles {
  const read = (path: string | undefined, purpose: string): Buffer | undefined => {
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      warn(`the ${purpose} "${path}" cannot be read (${String(error)}), going on without it`);
      return undefined;
    }
  };
  return {
    ca: read(config.certificate, 'CA certificate'),
    key: read(config.clientKey, 'client key'),
    cert: read(config.clientCertificate, 'client certificate'),
  };
}
