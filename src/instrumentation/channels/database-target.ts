import type { Attributes } from '@opentelemetry/api';
import { read } from '../../values/read.ts';

/** Adds `server.address` and `server.port`, as Redis' clients and mongoose publish them. For a Unix socket the address is its path. */
export function addTarget(attributes: Attributes, message: object): Attributes {
  const address = read(message, 'serverAddress');
  const port = read(message, 'serverPort');
  if (typeof address === 'string') attributes['server.address'] = address;
  if (typeof port === 'number') attributes['server.port'] = port;
  return attributes;
}
