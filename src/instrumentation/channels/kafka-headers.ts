import { type Context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';

/** What a serializer of an application takes: a text, or the bytes that are sent. */
type Form = 'text' | 'bytes';

interface Forms {
  readonly key: Form;
  readonly value: Form;
}

const formsOfClients = new WeakMap<object, Forms | undefined>();

/**
 * Adds the headers of a context (`traceparent` …) to messages that are about to be sent. They are added to a copy of a message's
 * headers, which the message has until it is serialised.
 *
 * @returns a function that gives the messages their own headers back
 */
export function addToHeaders(client: object, messages: readonly unknown[], context: Context): () => void {
  if (!formsOfClients.has(client)) formsOfClients.set(client, formsOf(client));
  const forms = formsOfClients.get(client);
  const added = new Map<string, string>();
  if (forms !== undefined)
    propagation.inject(context, added, { set: (carrier, key, value) => carrier.set(key, value) });
  const undo: (() => void)[] = [];
  if (forms !== undefined && added.size > 0) {
    for (const message of messages) if (isObject(message)) undo.push(addTo(message, added, forms));
  }
  return () => {
    for (const one of undo.splice(0)) one();
  };
}

function addTo(message: object, added: ReadonlyMap<string, string>, { key, value }: Forms): () => void {
  const own = Object.getOwnPropertyDescriptor(message, 'headers');
  const given = read(message, 'headers');
  const headers = new Map<unknown, unknown>();
  const entries: Iterable<[unknown, unknown]> = given instanceof Map ? given : Object.entries(given ?? {});
  for (const [name, content] of entries) if (!added.has(textOf(name))) headers.set(name, content);
  for (const [name, content] of added) headers.set(inForm(name, key), inForm(content, value));
  // An object stays one: a serializer of the application's may read the headers, too.
  const copy = given instanceof Map || key === 'bytes' ? headers : Object.fromEntries([...headers].map(withTextKey));
  // False for a frozen message: it is sent as it is.
  if (!Reflect.set(message, 'headers', copy)) return () => {};
  originals.set(copy, { own });
  return () => {
    // Another send of the same message may have begun meanwhile.
    if (read(message, 'headers') !== copy) return;
    let before = own;
    for (let past = originalOf(before); past !== undefined; past = originalOf(before)) before = past.own;
    if (before === undefined) Reflect.deleteProperty(message, 'headers');
    else Reflect.set(message, 'headers', before.value);
  };
}

/** What a message had before it got the copy: where one message is sent twice at a time, this may be another copy. */
const originals = new WeakMap<object, { readonly own: PropertyDescriptor | undefined }>();

function originalOf(own: PropertyDescriptor | undefined): { readonly own: PropertyDescriptor | undefined } | undefined {
  const headers: unknown = own?.value;
  return isObject(headers) ? originals.get(headers) : undefined;
}

/**
 * Which form the client's serializers take. Undefined: they change a text (JSON puts it in quotation marks), so that no receiver
 * would understand it, or a hook or a schema registry of the application's would be asked about headers that it does not know.
 */
function formsOf(client: object): Forms | undefined {
  // Private, a symbol; there is no public way. Without it nothing is added.
  const symbol = Object.getOwnPropertySymbols(client).find(
    ({ description }) => description === 'plt.kafka.base.options',
  );
  const options: unknown = symbol === undefined ? undefined : Reflect.get(client, symbol);
  if (!isObject(options)) return undefined;
  if (read(options, 'registry') !== undefined || read(options, 'beforeSerialization') !== undefined) return undefined;
  const serializers = read(options, 'serializers');
  const key = formFor(read(serializers, 'headerKey'));
  const value = formFor(read(serializers, 'headerValue'));
  return key === undefined || value === undefined ? undefined : { key, value };
}

function formFor(serializer: unknown): Form | undefined {
  // The library's default passes on what it gets, and only bytes can be sent.
  if (serializer === undefined || serializer === null) return 'bytes';
  if (typeof serializer !== 'function') return undefined;
  const sample = 'traceparent';
  try {
    const result: unknown = serializer(sample);
    return Buffer.isBuffer(result) && result.toString() === sample ? 'text' : undefined;
  } catch {
    return undefined;
  }
}

function inForm(text: string, form: Form): unknown {
  return form === 'text' ? text : Buffer.from(text);
}

function textOf(key: unknown): string {
  return Buffer.isBuffer(key) ? key.toString() : String(key);
}

function withTextKey([key, value]: [unknown, unknown]): [string, unknown] {
  return [textOf(key), value];
}

/** The context of a message's sender, from its headers as they were received. Undefined without one. */
export function senderOf(record: unknown): Context | undefined {
  const headers = read(record, 'headers');
  if (!Array.isArray(headers) || headers.length === 0) return undefined;
  const known = new Set(propagation.fields());
  const carrier: Record<string, string> = {};
  for (const header of headers) {
    if (!Array.isArray(header)) continue;
    const [key, value]: readonly unknown[] = header;
    if (!Buffer.isBuffer(key) || !Buffer.isBuffer(value)) continue;
    const name = key.toString();
    if (known.has(name)) carrier[name] = value.toString();
  }
  const sender = propagation.extract(ROOT_CONTEXT, carrier);
  return trace.getSpanContext(sender) === undefined ? undefined : sender;
}
