import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { describe, expect, it } from 'vitest';
import { AnsweredErrors } from '../../../src/errors/answered-errors.ts';
import { isClientError } from '../../../src/errors/client-error.ts';

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const REQUEST = createContextKey('request');

function setUp() {
  const recorded: unknown[] = [];
  const answered = new AnsweredErrors((error) => recorded.push([error, context.active().getValue(REQUEST)]));
  const request = (name: string) => ({ name });
  return {
    recorded,
    answered,
    request,
    add: (of: { readonly name: string }, error: unknown) =>
      answered.add(of, error, ROOT_CONTEXT.setValue(REQUEST, of.name)),
  };
}

describe('AnsweredErrors', () => {
  it('records the last error of a request that failed, in its context, once', () => {
    const { recorded, answered, request, add } = setUp();
    const first = request('first');
    add(first, 'earlier');
    add(first, 'later');
    answered.settle(first, true);
    answered.settle(first, true);
    answered.settleAll();
    expect(recorded).toEqual([['later', 'first']]);
  });

  it('records nothing of a request that was answered with success, nor of one without an error', () => {
    const { recorded, answered, request, add } = setUp();
    const turnedIntoNotFound = request('first');
    add(turnedIntoNotFound, 'no such row');
    answered.settle(turnedIntoNotFound, false);
    answered.settle(request('second'), true);
    answered.settleAll();
    expect(recorded).toEqual([]);
  });

  it('records the errors of all open requests at the end of the process', () => {
    const { recorded, answered, request, add } = setUp();
    add(request('first'), 'a');
    add(request('second'), 'b');
    answered.settleAll();
    answered.settleAll();
    expect(recorded).toEqual([
      ['a', 'first'],
      ['b', 'second'],
    ]);
  });
});

describe('isClientError', () => {
  it.each([
    [{ status: 400 }, true],
    [{ status: 499 }, true],
    [{ statusCode: 404 }, true],
    [Object.assign(() => {}, { status: 404 }), true],
    [{ status: 500, statusCode: 404 }, false],
    [{ status: 404, statusCode: 500 }, true],
    [{ status: 200, statusCode: 404 }, true],
    [{ status: 600, statusCode: 404 }, true],
    [{ status: 599, statusCode: 404 }, false],
    [{ status: 399 }, false],
    [{ status: '404' }, false],
    [{}, false],
    [null, false],
    ['404', false],
  ])('%j: %s', (error, isClient) => {
    expect(isClientError(error)).toBe(isClient);
  });
});
