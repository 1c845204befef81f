import { BUILT_IN_INSTRUMENTATIONS, type BuiltInInstrumentation } from './built-in-instrumentations.ts';

const PREFIX = '@opentelemetry/instrumentation-';

/**
 * OpenTelemetry's packages, by the names that OTEL_NODE_ENABLED_INSTRUMENTATIONS has for them: what follows their prefix. Those of a
 * built-in instrumentation have its name, or are in `RECORDED_TOO`.
 */
const SHORT_NAMES: readonly string[] = (
  'amqplib aws-lambda aws-sdk bunyan cassandra-driver connect cucumber dataloader dns express fastify fs generic-pool graphql grpc ' +
  'hapi http ioredis kafkajs knex koa lru-memoizer memcached mongodb mongoose mysql mysql2 nestjs-core net openai oracledb pg pino ' +
  'redis redis-4 restify router runtime-node socket.io tedious undici winston'
).split(' ');

/** The npm packages that they instrument, where these do not have the same name. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'aws-sdk': ['aws-sdk', '@aws-sdk/client-s3', '@aws-sdk/client-sqs', '@aws-sdk/client-dynamodb'],
  cucumber: ['@cucumber/cucumber'],
  grpc: ['@grpc/grpc-js'],
  hapi: ['@hapi/hapi'],
  'nestjs-core': ['@nestjs/core'],
  redis: ['redis', '@redis/client'],
  'redis-4': ['redis', '@redis/client'],
  // Modules of Node, or none.
  'aws-lambda': [],
  dns: [],
  fs: [],
  http: [],
  net: [],
  'runtime-node': [],
};

/** Packages that record what another one does, too: its short name, which is that of a built-in instrumentation where there is one. */
const RECORDED_TOO: Readonly<Record<string, string>> = {
  '@fastify/otel': 'fastify',
  [`${PREFIX}redis-4`]: 'redis',
  [`${PREFIX}router`]: 'express',
};

/** The package that a short name (`pg`) stands for; a name that is not one of those is the package's own. */
export function instrumentationPackage(name: string): string {
  const short = name.toLowerCase();
  return SHORT_NAMES.includes(short) ? `${PREFIX}${short}` : name;
}

/** The package that a name without a scope would have if it were a short one that is not in the list; undefined for others. */
export function openTelemetryPackage(name: string): string | undefined {
  return name.includes('/') ? undefined : `${PREFIX}${name}`;
}

/**
 * What a package records. Two packages with the same would record everything twice, and so would one with the name of a built-in
 * instrumentation beside that. Undefined for packages that are not known.
 */
export function recordedBy(packageName: string): string | undefined {
  if (Object.hasOwn(RECORDED_TOO, packageName)) return RECORDED_TOO[packageName];
  return SHORT_NAMES.find((name) => packageName === `${PREFIX}${name}`);
}

/** The built-in instrumentation whose place a package takes. */
export function builtInReplacedBy(packageName: string): BuiltInInstrumentation | undefined {
  const recorded = recordedBy(packageName);
  return BUILT_IN_INSTRUMENTATIONS.find((name) => name === recorded);
}

/** The packages that record what a built-in instrumentation does. */
export function packagesReplacing(builtIn: string): readonly string[] {
  return [...SHORT_NAMES.map((name) => `${PREFIX}${name}`), ...Object.keys(RECORDED_TOO)].filter(
    (packageName, index, all) => recordedBy(packageName) === builtIn && all.indexOf(packageName) === index,
  );
}

/** OpenTelemetry's packages by their short names: what they instrument, and the built-in instrumentation whose place they take. */
export function openTelemetryInstrumentations(): readonly {
  readonly name: string;
  readonly libraries: readonly string[];
  readonly builtIn: BuiltInInstrumentation | undefined;
}[] {
  return SHORT_NAMES.map((name) => ({
    name,
    libraries: LIBRARIES[name] ?? [name],
    builtIn: builtInReplacedBy(`${PREFIX}${name}`),
  }));
}
