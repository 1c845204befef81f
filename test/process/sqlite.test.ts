import { expect, it } from 'vitest';
import { asText } from '../support/as-text.ts';
import { startBackend } from '../support/backend.ts';
import { nodeMajor } from '../support/program-node.ts';
import { runFixture } from '../support/run-fixture.ts';

const SECRET = 'swordfish';
/** Node publishes the statements of `node:sqlite`. */
const publishes = nodeMajor >= 26;

it(`statements of node:sqlite are ${publishes ? 'recorded under their request, without values' : 'not published yet'}`, async () => {
  const backend = await startBackend();
  const { code, stdout } = await runFixture({
    program: 'sqlite.mjs',
    args: [SECRET],
    nodeArguments: ['--disable-warning=ExperimentalWarning'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url },
  });
  const server = backend.spans().find(({ kind }) => kind === 2);
  const statements = backend.spans().filter(({ scope }) => scope.name === 'swansong/sqlite');
  const durations = backend.metrics().filter(({ scope }) => scope.name === 'swansong/sqlite');
  expect({
    code,
    stdout,
    statements: statements.map(({ name, kind, attributes, parentSpanId }) => [
      name,
      kind,
      attributes['db.query.text'],
      parentSpanId === server?.spanId,
    ]),
    durations: durations.map(({ name, attributes, count }) => [name, attributes['db.query.summary'], count]),
    leaks: asText([backend.spans(), backend.metrics(), backend.logRecords()]).includes(SECRET),
  }).toEqual({
    code: 0,
    stdout: '409\n',
    statements: publishes
      ? [
          ['INSERT items', 3, 'insert into items values (?, ?, ?)', true],
          ['SELECT items', 3, 'select * from items where name = ?', true],
          ['UPDATE items', 3, 'update items set price = ? where name = ?;', true],
          ['DELETE items', 3, 'delete from items where name = ?', true],
          ['INSERT items', 3, 'insert into items values (?, ?, NULL)', true],
        ]
      : [],
    durations: publishes
      ? ['CREATE TABLE items', 'INSERT items', 'SELECT items', 'UPDATE items', 'DELETE items'].map((summary) => [
          'db.client.operation.duration',
          summary,
          summary === 'INSERT items' ? 2 : 1,
        ])
      : [],
    leaks: false,
  });
});
