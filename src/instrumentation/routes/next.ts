import { isObject } from '../../values/is-object.ts';
import { read, readText } from '../../values/read.ts';
import { onRecordedException } from './recorded-exceptions.ts';
import { addRouteFinder, servedRequest } from './request-route.ts';

/** Where Next.js keeps what it knows of a request: on the request itself. */
const META = Symbol.for('NextInternalRequestMeta');

/** Of the spans that Next.js makes. */
const TRACER = 'next.js';

/** The pages that Next.js answers with where no route has matched, or one has failed. */
const ERROR_PAGES = new Set(['/_not-found', '/_error', '/404', '/500']);

/**
 * Routes of Next.js, when the response is there: it names its own span by the route, and adds that as an attribute to the span of the
 * request, often after the response has been sent and the span has ended. And the errors that it answers: those that it has recorded on
 * its own spans until then.
 */
export function instrumentNext(): void {
  onRecordedException(TRACER, (exception) => servedRequest()?.answerError(exception));
  addRouteFinder((request) => {
    const meta: unknown = Reflect.get(request, META);
    if (!isObject(meta)) return undefined;
    const route = readText(read(read(meta, 'match'), 'definition'), 'pathname');
    return route === undefined || ERROR_PAGES.has(route) ? undefined : route;
  });
}
