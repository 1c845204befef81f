import { describe, expect, it } from 'vitest';
import { errorType } from '../../../src/errors/error-type.ts';

class HttpError extends Error {}

describe('errorType', () => {
  it.each<[string, unknown, string]>([
    ['its code', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'ECONNRESET'],
    ['its class where the code is a number', Object.assign(new HttpError('no'), { code: 14 }), 'HttpError'],
    ['its class where the code is empty', Object.assign(new HttpError('no'), { code: '' }), 'HttpError'],
    ['its class where there is no code', new HttpError('no'), 'HttpError'],
    ['_OTHER for a text', 'ECONNRESET', '_OTHER'],
    ['_OTHER for an object that is no error', { code: 'ECONNRESET' }, '_OTHER'],
    ['_OTHER for nothing', undefined, '_OTHER'],
  ])('is %s', (_what, error, type) => {
    expect(errorType(error)).toBe(type);
  });
});
