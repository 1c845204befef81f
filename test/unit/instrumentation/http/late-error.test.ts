import { metrics } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { AnsweredErrors } from '../../../../src/errors/answered-errors.ts';
import { createRequestDurations } from '../../../../src/instrumentation/http/request-duration.ts';
import { startServerRequest } from '../../../../src/instrumentation/http/server-request.ts';
import { tracer } from './instrumented.ts';

const RECEIVED = {
  method: 'GET',
  target: '/',
  scheme: 'http',
  host: 'shop',
  headers: {},
  peer: undefined,
  protocolVersion: '1.1',
} as const;

it.each([
  ['answered', 200, true, []],
  ['failed', 500, true, ['late']],
  ['cut off', 200, false, ['late']],
  ['not answered', undefined, false, ['late']],
] as const)(
  'an error that comes when the request has ended, %s, is recorded at once or never',
  (_, status, isComplete, expected) => {
    const recorded: unknown[] = [];
    const errors = new AnsweredErrors((error) => recorded.push(error));
    const durations = createRequestDurations(metrics.getMeter('none'), 'server');
    const served = startServerRequest(RECEIVED, { tracer, durations, errors });
    served?.end({ status, isComplete });
    served?.answerError('late');
    expect(recorded).toEqual(expected);
    errors.settleAll();
    expect(recorded).toEqual(expected);
  },
);
