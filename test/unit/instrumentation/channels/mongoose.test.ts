import { tracingChannel } from 'node:diagnostics_channel';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import mongoose from 'mongoose';
import { expect, it } from 'vitest';
import { MONGOOSE } from '../../../../src/instrumentation/channels/mongoose.ts';
import { inRequest, instrument, recordedDurations, recordedSpans } from './recorded.ts';

instrument(MONGOOSE);

const SECRET = 'swordfish';
const query = tracingChannel<object, object>('mongoose:query');
const cursor = tracingChannel<object, object>('mongoose:cursor:next');
const aggregate = tracingChannel<object, object>('mongoose:aggregate');
const answer = async (): Promise<string> => SECRET;
const where = { database: 'shop', serverAddress: 'db', serverPort: 27017 };
const recorded = { 'db.system.name': 'mongodb', 'db.namespace': 'shop', 'server.address': 'db', 'server.port': 27017 };

it('an operation has a span and a duration, without its documents', async () => {
  const message = { operation: 'find', collection: 'orders', ...where, args: { filter: { note: SECRET } } };
  await inRequest('request', () => query.tracePromise(answer, message));
  const attributes = { ...recorded, 'db.operation.name': 'find', 'db.collection.name': 'orders' };
  expect({ spans: recordedSpans(), durations: await recordedDurations() }).toEqual({
    spans: [
      {
        name: 'find orders',
        kind: SpanKind.CLIENT,
        parent: 'request',
        attributes,
        status: { code: SpanStatusCode.UNSET },
      },
    ],
    durations: [{ name: 'db.client.operation.duration', attributes, count: 1 }],
  });
});

it.each<[object, string]>([
  [{ operation: 'aggregate', ...where }, 'aggregate shop'],
  [{ operation: 'aggregate' }, 'aggregate'],
  [{}, 'mongodb'],
])('%j is named %s', async (message, name) => {
  await inRequest('request', () => aggregate.tracePromise(answer, message));
  expect(recordedSpans()).toMatchObject([{ name }]);
});

it.each<[string, object, object]>([
  [
    'of the server',
    { name: 'MongoServerError', code: 11_000 },
    { 'error.type': '11000', 'db.response.status_code': '11000' },
  ],
  ['of the network', { name: 'MongoNetworkError' }, { 'error.type': 'MongoNetworkError' }],
  ['of the application', { name: 'ValidationError', code: 7 }, { 'error.type': 'ValidationError' }],
])('an error %s', async (_title, fields, expected) => {
  const error = Object.assign(new Error(SECRET), fields);
  await inRequest('request', () => query.tracePromise(() => Promise.reject(error), {}).catch(() => {}));
  const [span] = recordedSpans();
  expect(span).toMatchObject({ status: { code: SpanStatusCode.ERROR } });
  expect(Object(span).attributes).toEqual({ 'db.system.name': 'mongodb', ...expected });
});

it('a cursor has one span, however many documents are taken from it', async () => {
  const next = (args: object) =>
    cursor.tracePromise(answer, { operation: 'find', collection: 'orders', ...where, args });
  const [filter, pipeline] = [{}, []];
  await inRequest('request', async () => {
    for (let index = 0; index < 3; index += 1) await next({ filter });
    for (let index = 0; index < 3; index += 1) await next({ pipeline });
    await next({});
  });
  expect(recordedSpans()).toMatchObject([{ name: 'find orders' }, { name: 'find orders' }]);
});

it('the installed version publishes what has failed before it was sent', async () => {
  const Order = mongoose.model('Order', new mongoose.Schema({ count: { type: Number, required: true } }));
  await inRequest('request', async () => {
    await new Order({}).save().catch(() => {});
    await Order.find()
      .where('count', SECRET)
      .exec()
      .catch(() => {});
  });
  expect(recordedSpans()).toMatchObject([
    { name: 'save orders', attributes: { 'error.type': 'ValidationError' } },
    { name: 'find orders', attributes: { 'error.type': 'CastError' } },
  ]);
});
