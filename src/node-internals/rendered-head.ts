import type { ClientRequest } from 'node:http';
import { isObject } from '../values/is-object.ts';

/**
 * Adds a header to a request whose head has been rendered as text: `request._header`, and with `Expect` the first entry of
 * `request.outputData`, with its size in `request.outputSize`. Undocumented, seen on Node 22, 24 and 26; packages like
 * http-proxy-agent change the same fields.
 *
 * Node renders the head in the constructor if the headers are an array, or if one of them is `Expect`. `setHeader()`, the public
 * way, then throws, although nothing has been sent: a request gets its connection in a later tick. Where the text is not found
 * the request is sent unchanged, without the header.
 *
 * @throws TypeError for a name or value that HTTP does not allow
 */
export function addToRenderedHead(request: ClientRequest, name: string, value: string): void {
  const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');
  validateHeaderName(name);
  validateHeaderValue(name, value);
  const head: unknown = Reflect.get(request, '_header');
  if (typeof head !== 'string' || !head.endsWith('\r\n\r\n')) return;
  const [requestLine = '', ...lines] = head.slice(0, -4).split('\r\n');
  const start = `${name.toLowerCase()}:`;
  const others = lines.filter((line) => !line.toLowerCase().startsWith(start));
  const changed = [requestLine, ...others, `${name}: ${value}`, '', ''].join('\r\n');
  // With `Expect` the head is written at once, into the queue of a request that has no connection yet.
  if (Reflect.get(request, '_headerSent') === true && !replaceQueued(request, head, changed)) return;
  Reflect.set(request, '_header', changed);
}

function replaceQueued(request: ClientRequest, head: string, changed: string): boolean {
  const queue: unknown = Reflect.get(request, 'outputData');
  const first: unknown = Array.isArray(queue) ? queue[0] : undefined;
  const size: unknown = Reflect.get(request, 'outputSize');
  if (!isObject(first) || Reflect.get(first, 'data') !== head || typeof size !== 'number') {
    return false;
  }
  Reflect.set(request, 'outputSize', size + changed.length - head.length);
  return Reflect.set(first, 'data', changed);
}
