/**
 * The names of the built-in instrumentations: where OpenTelemetry has a package for the same library, what comes after
 * `@opentelemetry/instrumentation-` in its name.
 */
export const BUILT_IN_INSTRUMENTATIONS = [
  'http',
  'http2',
  'undici',
  'runtime-node',
  'express',
  'fastify',
  'next',
  'h3',
  'srvx',
  'pg',
  'mysql2',
  'sqlite',
  'ioredis',
  'redis',
  'mongoose',
  'kafka',
  'graphql',
  'ai',
  'pino',
  'console',
] as const;

export type BuiltInInstrumentation = (typeof BUILT_IN_INSTRUMENTATIONS)[number];
