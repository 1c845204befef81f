import { describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

const SERVER = 2;
const STATUS = ['unset', 'ok', 'error'];

/** Of each request: path, name, route, status of the response and of the span, error.type, events, and log records of errors. */
function served(backend: Backend): unknown[] {
  return backend
    .spans()
    .filter(({ kind }) => kind === SERVER)
    .map(({ name, attributes, status, events, spanId }) => [
      attributes['url.path'],
      name,
      attributes['http.route'],
      attributes['http.response.status_code'],
      STATUS[status.code],
      attributes['error.type'],
      events.map((event) => event.attributes['exception.message']),
      backend
        .logRecords()
        .filter((record) => record.eventName === 'exception' && record.spanId === spanId)
        .map((record) => [record.severityText, record.attributes['exception.message']]),
    ]);
}

async function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const backend = await startBackend();
  const { stdout, stderr, code } = await runFixture({
    program,
    args,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.url, NODE_ENV: 'test', ...env },
  });
  expect({ stdout, stderr, code }).toEqual({ stdout: '', stderr: '', code: 0 });
  return backend;
}

describe('debug', () => {
  it.each([['express.mjs', 'express'], ['express.cjs', 'express-4'], ['fastify.mjs','without'],['nest.mjs','express'],['nest.mjs','fastify'],['koa.mjs',''],['hono.mjs','']])('%s %s', async (program, version) => {
    const backend = await run(`routes/${program}`, [version, 'without']);
    if (version !== 'express' && version!=='express-4' || program==='nest.mjs') console.log(served(backend).map((one) => JSON.stringify(one)).join('\n'));
  });
});
