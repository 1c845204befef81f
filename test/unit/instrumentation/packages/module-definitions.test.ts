import { createRequire } from 'node:module';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { GraphQLInstrumentation } from '@opentelemetry/instrumentation-graphql';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { MySQL2Instrumentation } from '@opentelemetry/instrumentation-mysql2';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { WinstonInstrumentation } from '@opentelemetry/instrumentation-winston';
import { expect, test } from 'vitest';
import {
  findUnsupportedLibrary,
  interceptedModules,
  moduleDefinitions,
} from '../../../../src/instrumentation/packages/module-definitions.ts';

const off = { enabled: false };
const require = createRequire(import.meta.url);

function definitionsOf(instrumentation: Instrumentation) {
  return moduleDefinitions(instrumentation) ?? [];
}

test('the definitions of packages of today', () => {
  expect(definitionsOf(new PgInstrumentation(off))).toEqual([
    { name: 'pg', supportedVersions: ['>=8.0.3 <9', '>=8.0.3 <9', '>=8.0.3 <9'] },
    { name: 'pg-pool', supportedVersions: ['>=2.0.0 <4'] },
  ]);
  expect(definitionsOf(new UndiciInstrumentation(off))).toEqual([]);
  const FastifyOtel: new (options: object) => Instrumentation = require('@fastify/otel');
  expect(definitionsOf(new FastifyOtel(off))).toEqual([]);
  const foreign = { enable() {}, disable() {}, setTracerProvider() {}, setMeterProvider() {} };
  expect(moduleDefinitions(foreign as unknown as Instrumentation)).toBeUndefined();
});

const graphql = { name: 'graphql', installed: '17.1.0', supported: '>=14.0.0 <17' };

test.each([
  ['graphql 17', new GraphQLInstrumentation(off), { graphql: '17.1.0' }, graphql],
  ['graphql 16', new GraphQLInstrumentation(off), { graphql: '16.11.0' }, undefined],
  ['nothing', new GraphQLInstrumentation(off), {}, undefined],
  ['pg 8', new PgInstrumentation(off), { pg: '8.23.1', 'pg-pool': '3.0.0' }, undefined],
  ['winston 2, of a definition of its own', new WinstonInstrumentation(off), { winston: '2.4.0' }, undefined],
  [
    'winston 4',
    new WinstonInstrumentation(off),
    { winston: '4.0.0' },
    { name: 'winston', installed: '4.0.0', supported: '>=3 <4 || >=1 <3' },
  ],
  ['modules of Node', new HttpInstrumentation(off), { http: '1.0.0' }, undefined],
])('installed: %s', (_title, instrumentation, installed: Readonly<Record<string, string>>, expected) => {
  expect(findUnsupportedLibrary(definitionsOf(instrumentation), (name) => installed[name])).toEqual(expected);
});

test('the version is the one that the application finds', () => {
  expect(findUnsupportedLibrary(definitionsOf(new GraphQLInstrumentation(off)))).toEqual(graphql);
});

test('intercepted are the modules by their names, and all files of their packages', () => {
  const modules = interceptedModules([
    ...definitionsOf(new MySQL2Instrumentation(off)),
    ...definitionsOf(new HttpInstrumentation(off)),
    { name: '@redis/client/dist/x.js', supportedVersions: [] },
    { name: '/app/handler', supportedVersions: [] },
    { name: 'socket.io', supportedVersions: [] },
  ]);
  expect(modules).toEqual([
    'mysql2',
    /\/node_modules\/mysql2\//,
    'https',
    'http',
    '@redis/client/dist/x.js',
    /\/node_modules\/@redis\/client\//,
    '/app/handler',
    'socket.io',
    /\/node_modules\/socket\.io\//,
  ]);
});
