import { expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';
import { asText } from '../support/as-text.ts';
import { FERRETDB_START_MILLIS, startFerretDb } from './support/ferretdb.ts';

const SECRET = 'swordfish';

it(
  'operations of mongoose are recorded under their request, by operation and collection',
  async () => {
    const [port, backend] = [await startFerretDb(), await startBackend()];
    const { code, stdout, stderr } = await runFixture({
      program: 'mongoose.mjs',
      args: [String(port), SECRET],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
    });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${JSON.stringify({ ids: ['a', 'b'], kinds: [1, 1, 1, 1] })}\n`,
      stderr: '',
    });

    const spans = backend.spans();
    const where = {
      'db.system.name': 'mongodb',
      'db.namespace': 'shop',
      'db.collection.name': 'orders',
      'server.address': '127.0.0.1',
      'server.port': port,
    };
    const operation = (name: string, failure: object = {}) => ({
      name: `${name} orders`,
      kind: 3,
      parent: 2,
      status: Object.keys(failure).length === 0 ? 0 : 2,
      attributes: { ...where, 'db.operation.name': name, ...failure },
    });
    expect(
      spans
        .filter(({ scope }) => scope.name === 'swansong/mongoose')
        .map(({ name, kind, parentSpanId, status, attributes }) => ({
          name,
          kind,
          parent: spans.find(({ spanId }) => spanId === parentSpanId)?.kind,
          status: status.code,
          attributes,
        })),
    ).toEqual([
      operation('save'),
      operation('insertMany'),
      operation('findOne'),
      operation('updateOne'),
      operation('aggregate'),
      operation('bulkWrite'),
      // A cursor over two documents and the end.
      operation('find'),
      operation('save', { 'error.type': '11000', 'db.response.status_code': '11000' }),
      operation('save', { 'error.type': 'ValidationError' }),
    ]);
    const durations = backend.metrics().filter(({ name }) => name === 'db.client.operation.duration');
    expect(durations.find(({ attributes }) => attributes['db.operation.name'] === 'deleteMany')).toMatchObject({
      count: 1,
      attributes: { ...where, 'db.operation.name': 'deleteMany' },
    });
    expect(asText([spans, backend.metrics(), backend.logRecords()])).not.toContain(SECRET);
  },
  FERRETDB_START_MILLIS,
);
