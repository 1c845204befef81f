import { type CanonicalMessage, isEmpty } from './codec/canonical.ts';

/**
 * A message as a line of the OTLP file format; JSON.stringify escapes every newline, so a line is a line.
 * @returns undefined for an empty message: OTLP asks for success, and there is nothing to store
 */
export function toLine(data: CanonicalMessage): Buffer | undefined {
  return isEmpty(data) ? undefined : Buffer.from(`${JSON.stringify(data)}\n`);
}
