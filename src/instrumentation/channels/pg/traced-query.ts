import { diag } from '@opentelemetry/api';
import { isObjectOrFunction } from '../../../values/is-object.ts';
import { type Copy, handTo } from './copy.ts';
import { replaceCallback } from './query-callback.ts';
import { fail, QUERY, type QueryMessage, queryMessage, settle, succeed } from './query-message.ts';
import { isMethod, type Method, type Replacement } from './replace-method.ts';
import { followSubmittable, isSubmittable } from './submittable.ts';

/** How a call of `client.query()` is passed on to pg. */
interface Call {
  readonly message: QueryMessage;
  readonly args: readonly unknown[];
  /** Called with what pg returns. @returns what the caller gets */
  readonly returned: (result: unknown) => unknown;
}

/** `Client.prototype.query`, with its queries published on the channel `pg:query`. */
export function tracedQuery(original: Method, copy: Copy): Replacement<'query'> {
  return {
    query(this: unknown, ...args: unknown[]): unknown {
      const call = copy.publishes ? undefined : prepare(this, args);
      if (call === undefined) return Reflect.apply(original, this, args);
      const { message } = call;
      let threw = true;
      // No `catch`: to throw the error again would change the source line that Node prints for it.
      try {
        const result: unknown = QUERY.start.runStores(message, () =>
          handTo(copy, message, () => Reflect.apply(original, this, call.args)),
        );
        threw = false;
        return call.returned(result);
      } finally {
        if (threw) fail(message, undefined);
        QUERY.end.publish(message);
      }
    },
  };
}

function prepare(client: unknown, args: readonly unknown[]): Call | undefined {
  try {
    const [query] = args;
    const message = queryMessage(client, query);
    if (isSubmittable(query)) {
      followSubmittable(query, message);
      return { message, args, returned: (result) => result };
    }
    const replaced = replaceCallback(args, (callback) => tracedCallback(callback, message));
    if (replaced === undefined) return { message, args, returned: (result) => tracedPromise(result, message) };
    return {
      message,
      args: replaced.args,
      returned(result) {
        replaced.undo();
        return result;
      },
    };
  } catch (error) {
    diag.error('a query of pg could not be instrumented', error);
    return undefined;
  }
}

function tracedCallback(callback: Method, message: QueryMessage): Method {
  return function answered(this: unknown, ...results) {
    const [error, result] = results;
    if (error) fail(message, error);
    else succeed(message, result);
    return QUERY.asyncStart.runStores(message, (): unknown => {
      settle(message);
      return Reflect.apply(callback, this, results);
    });
  };
}

/** A promise that settles as the given one: one more would leave a rejection that nobody handles unreported, or report it twice. */
function tracedPromise(promise: unknown, message: QueryMessage): unknown {
  const then = isObjectOrFunction(promise) ? Reflect.get(promise, 'then') : undefined;
  if (!isMethod(then)) return promise;
  return Reflect.apply(then, promise, [
    (result: unknown) => {
      succeed(message, result);
      QUERY.asyncStart.publish(message);
      settle(message);
      return result;
    },
    (error: unknown) => {
      fail(message, error);
      QUERY.asyncStart.publish(message);
      settle(message);
      throw error;
    },
  ]);
}
