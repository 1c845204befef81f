import { expect, it } from 'vitest';
import { classifyExitAnswer } from '../../../src/exit/classify-exit-answer.ts';
import type { ExitAnswer } from '../../../src/exit/exit-request.ts';
import type { DeliveryResult } from '../../../src/outbox/delivery.ts';

const encoding = {
  contentType: 'application/json',
  noun: 'spans',
  serialize: () => new Uint8Array(),
  partialSuccess: (body: Uint8Array) => ({ rejected: body.length, message: body.length === 0 ? '' : 'a part' }),
};
const answered = (code: number, body = '', contentType = 'text/plain'): ExitAnswer => ({
  status: 'answered',
  code,
  contentType,
  body: Buffer.from(body),
});

it.each<readonly [string, ExitAnswer, DeliveryResult]>([
  ['200', answered(200), { status: 'delivered', rejected: 0, message: '' }],
  ['a part of it accepted', answered(200, 'xx'), { status: 'delivered', rejected: 2, message: 'a part' }],
  ['400', answered(400, 'no such\nfield'), { status: 'refused', error: new Error('HTTP 400 (no such field)') }],
  ['413', answered(413), { status: 'too_large', error: new Error('HTTP 413') }],
  ['503', answered(503), { status: 'failed', error: new Error('HTTP 503'), retryAfterMillis: 0 }],
  [
    'no answer',
    { status: 'unanswered', message: 'no answer in time' },
    { status: 'failed', error: new Error('no answer in time'), retryAfterMillis: 0 },
  ],
  [
    'a request that cannot be sent',
    { status: 'refused', message: 'Cannot find module' },
    { status: 'refused', error: new Error('Cannot find module') },
  ],
])('%s', (_, answer, result) => {
  expect(classifyExitAnswer(answer, encoding)).toEqual(result);
});
