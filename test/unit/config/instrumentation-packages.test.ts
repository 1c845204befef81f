import { expect, test } from 'vitest';
import { BUILT_IN_INSTRUMENTATIONS } from '../../../src/config/built-in-instrumentations.ts';
import {
  builtInReplacedBy,
  instrumentationPackage,
  openTelemetryInstrumentations,
  packagesReplacing,
  recordedBy,
} from '../../../src/config/instrumentation-packages.ts';

const PREFIX = '@opentelemetry/instrumentation-';

test('short names stand for packages of OpenTelemetry, other names for themselves', () => {
  const names = ['pg', 'Express', 'redis-4', 'bullmq-otel', '@fastify/otel', `${PREFIX}pg`, 'constructor', '__proto__'];
  expect(names.map(instrumentationPackage)).toEqual([
    `${PREFIX}pg`,
    `${PREFIX}express`,
    `${PREFIX}redis-4`,
    'bullmq-otel',
    '@fastify/otel',
    `${PREFIX}pg`,
    'constructor',
    '__proto__',
  ]);
});

test('what records the same has the same name, which is that of the built-in instrumentation', () => {
  const packages = ['express', 'router', 'redis', 'redis-4', 'kafkajs', 'pg'].map((name) => PREFIX + name);
  expect([...packages, '@fastify/otel', 'x', 'constructor'].map(recordedBy)).toEqual([
    'express',
    'express',
    'redis',
    'redis',
    'kafkajs',
    'pg',
    'fastify',
    undefined,
    undefined,
  ]);
});

test('each built-in instrumentation is replaced by the packages for the same, and only by them', () => {
  const replaced = BUILT_IN_INSTRUMENTATIONS.flatMap((name) => packagesReplacing(name).map((one) => [one, name]));
  expect(replaced.map(([one = '']) => [one, builtInReplacedBy(one)])).toEqual(replaced);
  // What has a package of OpenTelemetry by its name must be replaced by it.
  const same = openTelemetryInstrumentations().filter(({ name }) =>
    BUILT_IN_INSTRUMENTATIONS.some((one) => one === name),
  );
  expect(same.map(({ name, builtIn }) => [name, builtIn])).toEqual(same.map(({ name }) => [name, name]));
  expect(same.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['http', 'undici', 'runtime-node', 'pg', 'graphql', 'pino']),
  );
  expect(['kafka', 'http2', 'ai', 'console', 'redis'].map(packagesReplacing)).toEqual([
    [],
    [],
    [],
    [],
    [`${PREFIX}redis`, `${PREFIX}redis-4`],
  ]);
});
