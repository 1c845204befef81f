import { context } from '@opentelemetry/api';
import { isObject } from '../../../values/is-object.ts';
import { read } from '../../../values/read.ts';
import { fail, QUERY, type QueryMessage, settle } from './query-message.ts';
import { isMethod, type Method } from './replace-method.ts';

/** What pg calls on a submittable with what the server answers, before the end. */
const ANSWERS = [
  'handleRowDescription',
  'handleDataRow',
  'handlePortalSuspended',
  'handleCommandComplete',
  'handleEmptyQuery',
  'handleCopyInResponse',
  'handleCopyData',
  // `COPY TO` of pg-copy-streams is a stream that reads from the socket itself, also after its last answer.
  'push',
];

/** Whether an object submits itself: a `Query` of pg, a cursor, a stream of pg-query-stream or pg-copy-streams. */
export function isSubmittable(query: unknown): query is object {
  return isObject(query) && isMethod(read(query, 'submit'));
}

/**
 * Publishes the end of a submittable, and has its events and callbacks run in the context of its caller, not in that of the
 * connection: what pg calls on this object is shadowed.
 */
export function followSubmittable(submittable: object, message: QueryMessage): void {
  const caller = context.active();
  let ended = false;
  let settled = false;
  const last = (method: Method): Method =>
    function answered(this: unknown, ...args) {
      if (ended) return Reflect.apply(method, this, args);
      ended = true;
      return QUERY.asyncStart.runStores(message, (): unknown => {
        try {
          return Reflect.apply(method, this, args);
        } finally {
          // Only now: what it calls may be `handleError`.
          settled = true;
          settle(message);
        }
      });
    };
  for (const name of ANSWERS) {
    shadow(
      submittable,
      name,
      (method) =>
        function answered(this: unknown, ...args) {
          return context.with(caller, method, this, ...args);
        },
    );
  }
  shadow(submittable, 'handleReadyForQuery', last);
  shadow(submittable, 'handleError', (method) => {
    const end = last(method);
    return function failed(this: unknown, ...args) {
      if (!settled) fail(message, args[0]);
      return Reflect.apply(end, this, args);
    };
  });
}

function shadow(owner: object, name: string, shadowOf: (method: Method) => Method): void {
  const method = read(owner, name);
  if (!isMethod(method)) return;
  const { enumerable = false } = Reflect.getOwnPropertyDescriptor(owner, name) ?? {};
  Reflect.defineProperty(owner, name, { configurable: true, enumerable, writable: true, value: shadowOf(method) });
}
