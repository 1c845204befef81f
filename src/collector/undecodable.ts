import type { DecodeFailure } from './codec/decode-failure.ts';
import type { Refusal } from './refusal.ts';

/** The answer to what can never be decoded. */
export function undecodable({ reason, message, path }: DecodeFailure): Refusal {
  if (reason === 'too-large') return { status: 413, message: `${message}; nothing of it was stored` };
  const invalid = reason === 'too-deep' ? 'depth_exceeded' : 'undecodable';
  if (path === '') return { status: 400, message: `${message}; nothing of this request was stored`, invalid };
  return {
    status: 400,
    message: `${path}: ${message}; nothing of this request was stored`,
    violation: { field: path, description: message },
    invalid,
  };
}
