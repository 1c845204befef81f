import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import fastify from 'fastify';
import { beforeEach, expect, it } from 'vitest';
import { instrumentExpress } from '../../../../src/instrumentation/routes/express.ts';
import { instrumentFastify } from '../../../../src/instrumentation/routes/fastify.ts';
import { findRoute, linkRequest, type ServedRequest } from '../../../../src/instrumentation/routes/request-route.ts';
import { listen } from '../../../support/http-server.ts';

const BROKEN: ServedRequest = {
  headers: {},
  route: undefined,
  setRoute() {
    throw new Error('broken on purpose');
  },
  answerError() {
    throw new Error('broken on purpose');
  },
};

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** What is used of Express, which has no types of its own. */
type Application = RequestListener & {
  set(name: 'env', value: string): void;
  use(middleware: Middleware): void;
  get(path: string, handler: Middleware): void;
};

const express: () => Application = createRequire(import.meta.url)('express');

const lines: string[] = [];
const note = (line: string): void => void lines.push(line);
diag.setLogger({ error: note, warn: note, info: note, debug: note, verbose: note }, DiagLogLevel.ERROR);
instrumentExpress();
instrumentFastify();

beforeEach(() => {
  lines.length = 0;
});

it('Express answers although the instrumentation fails, which is told', async () => {
  const app = express();
  app.set('env', 'test');
  app.use((request, _response, next) => {
    linkRequest(request, BROKEN);
    next();
  });
  app.get('/fine', (_request, response) => void response.end('fine'));
  app.get('/fail', () => {
    throw new Error('failed');
  });
  const port = await listen(createServer(app));
  const fine = await fetch(`http://127.0.0.1:${port}/fine`);
  const fail = await fetch(`http://127.0.0.1:${port}/fail`);
  expect([fine.status, await fine.text(), fail.status]).toEqual([200, 'fine', 500]);
  expect(lines).toEqual([
    'the instrumentation of tracing:express.router.request:start failed',
    'the instrumentation of tracing:express.router.request:start failed',
    'the instrumentation of tracing:express.router.request:error failed',
  ]);
});

it('Fastify answers although the instrumentation fails, which is told', async () => {
  const app = fastify();
  app.addHook('onRequest', (request, _reply, done) => {
    linkRequest(request.raw, BROKEN);
    done();
  });
  app.get('/fail', () => {
    throw new Error('failed');
  });
  const { statusCode } = await app.inject('/fail');
  await app.close();
  expect(statusCode).toBe(500);
  expect(lines).toEqual([
    'the instrumentation of tracing:fastify.request.handler:start failed',
    'the instrumentation of fastify failed',
    'the instrumentation of fastify failed',
  ]);
});

it('a request without what Express leaves on it has no route, whatever it has', () => {
  const odd = {
    app: {},
    baseUrl: '',
    url: '/x',
    route: {
      stack: [],
      get path(): string {
        throw new Error('broken on purpose');
      },
    },
  };
  expect([findRoute({}), findRoute({ route: { path: '/x' } }), findRoute(odd)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
