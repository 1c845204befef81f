import { tracingChannel } from 'node:diagnostics_channel';
import { context } from '@opentelemetry/api';
import { read } from '../../../values/read.ts';
import type { Copy } from './copy.ts';
import { isMethod, type Method, type Replacement } from './replace-method.ts';

const CONNECT = tracingChannel('pg:pool:connect');

/**
 * `Pool.prototype.connect`, published on the channel `pg:pool:connect` if it has a callback: the pool calls it in the context of
 * whoever gave the connection back. What awaits a promise keeps its own context.
 */
export function tracedConnect(original: Method, copy: Copy): Replacement<'connect'> {
  return {
    connect(this: unknown, ...args: unknown[]): unknown {
      const [callback, ...rest] = args;
      if (copy.publishes || !isMethod(callback)) return Reflect.apply(original, this, args);
      const message = {
        pool: {
          totalCount: read(this, 'totalCount'),
          idleCount: read(this, 'idleCount'),
          waitingCount: read(this, 'waitingCount'),
          maxSize: read(read(this, 'options'), 'max'),
        },
      };
      const connected = connectedIn(message, callback);
      try {
        return CONNECT.start.runStores(message, (): unknown => Reflect.apply(original, this, [connected, ...rest]));
      } finally {
        CONNECT.end.publish(message);
      }
    },
  };
}

function connectedIn(message: object, callback: Method): Method {
  return function connected(this: unknown, ...results) {
    return CONNECT.asyncStart.runStores(message, (): unknown => {
      CONNECT.asyncEnd.publish(message);
      return Reflect.apply(callback, this, results);
    });
  };
}

/**
 * `Pool.prototype.query`, with its callback in the context of its caller: when the connection is lost, the pool calls it before the
 * query has failed, in the context of the connection.
 */
export function boundQuery(original: Method): Replacement<'query'> {
  return {
    query(this: unknown, ...args: unknown[]): unknown {
      const caller = context.active();
      const bound = args.map((argument) => (isMethod(argument) ? context.bind(caller, argument) : argument));
      return Reflect.apply(original, this, bound);
    },
  };
}
