import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  buildSchema,
  graphql,
  GraphQLError,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  subscribe,
  parse,
} from 'graphql';
import { expect, it } from 'vitest';
import { GRAPHQL } from '../../../../src/instrumentation/channels/graphql.ts';
import { activeName, inRequest, instrument, recordedSpans } from './recorded.ts';

instrument(GRAPHQL);

const SECRET = 'swordfish';
const UNSET = { code: SpanStatusCode.UNSET };
const ERROR = { code: SpanStatusCode.ERROR };

class OutOfStock extends Error {}

const seen: unknown[] = [];
const schema = buildSchema(`
  type Item { name: String, price: Int! }
  type Query { item(id: String, count: Int): Item, sync: String, broken: String, refused: String, nothing: String! }
  type Mutation { order(id: String): String }
`);
const rootValue = {
  async item() {
    seen.push(activeName());
    await Promise.resolve();
    return { name: SECRET, price: 1 };
  },
  sync: () => SECRET,
  order: () => 'ordered',
  async broken() {
    throw new OutOfStock(SECRET);
  },
  refused() {
    throw new GraphQLError(SECRET, { extensions: { code: 'FORBIDDEN' } });
  },
  nothing: () => null,
};

const run = (source: string, rest: object = {}) =>
  inRequest('POST /graphql', () => graphql({ schema, source, rootValue, ...rest }));

it('an operation has one span, in which its resolvers run, without any value', async () => {
  seen.length = 0;
  await run(`query one($id: String) { item(id: $id, count: 4711) { name } again: item(id: "${SECRET}") { name } }`, {
    variableValues: { id: SECRET },
  });
  expect({ seen, spans: recordedSpans() }).toEqual({
    seen: ['query one', 'query one'],
    spans: [
      {
        name: 'query one',
        kind: SpanKind.INTERNAL,
        parent: 'POST /graphql',
        attributes: { 'graphql.operation.type': 'query', 'graphql.operation.name': 'one' },
        status: UNSET,
      },
    ],
  });
});

it.each<[string, string, object, object]>([
  ['one without a name', '{ sync }', {}, { name: 'query', attributes: { 'graphql.operation.type': 'query' } }],
  [
    'a mutation',
    'mutation order { order }',
    {},
    { name: 'mutation order', attributes: { 'graphql.operation.type': 'mutation', 'graphql.operation.name': 'order' } },
  ],
  [
    'the one that the request names',
    'query a { sync } query b { sync }',
    { operationName: 'b' },
    { name: 'query b', attributes: { 'graphql.operation.type': 'query', 'graphql.operation.name': 'b' } },
  ],
  [
    'an error of a resolver',
    '{ broken }',
    {},
    { status: ERROR, attributes: { 'graphql.operation.type': 'query', 'error.type': 'OutOfStock' } },
  ],
  [
    'an error with a code',
    '{ refused }',
    {},
    { status: ERROR, attributes: { 'graphql.operation.type': 'query', 'error.type': 'FORBIDDEN' } },
  ],
  [
    'a result that the schema does not allow',
    '{ nothing }',
    {},
    { status: ERROR, attributes: { 'graphql.operation.type': 'query', 'error.type': 'Error' } },
  ],
  [
    'a wrong variable: the client’s mistake',
    'query v($count: Int) { item(count: $count) { name } }',
    { variableValues: { count: SECRET } },
    { name: 'query v', status: UNSET },
  ],
  [
    'none that was named: the client’s mistake',
    'query a { sync } query b { sync }',
    {},
    { name: 'GraphQL Operation', attributes: {}, status: UNSET },
  ],
])('%s', async (_title, source, rest, expected) => {
  await run(source, rest);
  const spans = recordedSpans();
  expect(spans).toMatchObject([expected]);
  expect(JSON.stringify(spans)).not.toContain(SECRET);
});

it.each([
  ['cannot be parsed', `{ sync( "${SECRET}`],
  ['is not valid', '{ unknown }'],
])('a document that %s is no operation', async (_title, source) => {
  expect(await run(source)).toMatchObject({ errors: [expect.any(GraphQLError)] });
  expect(recordedSpans()).toEqual([]);
});

it('outside of a request there is no span', async () => {
  await graphql({ schema, source: '{ sync }', rootValue });
  expect(recordedSpans()).toEqual([]);
});

it('names that a client makes up do not all become names of spans', async () => {
  for (let index = 0; index < 500; index += 1) await run(`query made_up_${index} { sync }`);
  await run(`query ${'x'.repeat(101)} { sync }`);
  const names = new Set(recordedSpans().map((span) => Object(span).name));
  expect(names.size).toBeLessThanOrEqual(201);
  expect(names).toContain('query');
});

it('a subscription has a span until its stream is there', async () => {
  const withEvents = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { a: { type: GraphQLString } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        ticks: {
          type: GraphQLString,
          async *subscribe() {
            yield { ticks: 'one' };
          },
        },
        refused: {
          type: GraphQLString,
          subscribe: () => {
            throw new OutOfStock(SECRET);
          },
        },
      },
    }),
  });
  const events: unknown[] = [];
  await inRequest('request', async () => {
    const stream = await subscribe({ schema: withEvents, document: parse('subscription s { ticks }') });
    if (Symbol.asyncIterator in stream) for await (const event of stream) events.push(event.data?.['ticks']);
    await subscribe({ schema: withEvents, document: parse('subscription { refused }') });
  });
  expect(events).toEqual(['one']);
  expect(recordedSpans()).toMatchObject([
    { name: 'subscription s', status: UNSET, attributes: { 'graphql.operation.name': 's' } },
    { name: 'subscription', status: ERROR, attributes: { 'error.type': 'OutOfStock' } },
  ]);
});
