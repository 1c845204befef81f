import type { Attributes } from '@opentelemetry/api';
import { read } from '../../values/read.ts';

/** `server.address` and `server.port`, as Redis' clients and mongoose publish them. For a Unix socket the address is its path. */
export function targetOf(message: object): Attributes {
  const address = read(message, 'serverAddress');
  const port = read(message, 'serverPort');
  return {
    ...(typeof address === 'string' ? { 'server.address': address } : {}),
    ...(typeof port === 'number' ? { 'server.port': port } : {}),
  };
}
