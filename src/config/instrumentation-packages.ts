import { BUILT_IN_INSTRUMENTATIONS, type BuiltInInstrumentation } from './built-in-instrumentations.ts';

/** What is known of a package that instruments a library. */
interface InstrumentationPackage {
  /** The npm packages that it instruments; a module of Node has none. */
  readonly libraries: readonly string[];
  /**
   * What it records, if swansong may record it, too: the name of a built-in instrumentation. Two packages with the same one
   * would record everything twice. A name that no built-in instrumentation has (yet) replaces nothing.
   */
  readonly records?: string;
}

const PREFIX = '@opentelemetry/instrumentation-';

/** By the names that OTEL_NODE_ENABLED_INSTRUMENTATIONS takes in OpenTelemetry's own packages: what follows their prefix. */
const SHORT_NAMES: Readonly<Record<string, InstrumentationPackage>> = {
  amqplib: { libraries: ['amqplib'] },
  'aws-lambda': { libraries: [] },
  'aws-sdk': { libraries: ['aws-sdk', '@aws-sdk/client-s3', '@aws-sdk/client-sqs', '@aws-sdk/client-dynamodb'] },
  bunyan: { libraries: ['bunyan'] },
  'cassandra-driver': { libraries: ['cassandra-driver'] },
  connect: { libraries: ['connect'] },
  cucumber: { libraries: ['@cucumber/cucumber'] },
  dataloader: { libraries: ['dataloader'] },
  dns: { libraries: [] },
  express: { libraries: ['express'], records: 'express' },
  fastify: { libraries: ['fastify'], records: 'fastify' },
  fs: { libraries: [] },
  'generic-pool': { libraries: ['generic-pool'] },
  graphql: { libraries: ['graphql'], records: 'graphql' },
  grpc: { libraries: ['@grpc/grpc-js'] },
  hapi: { libraries: ['@hapi/hapi'] },
  http: { libraries: [], records: 'http' },
  ioredis: { libraries: ['ioredis'], records: 'ioredis' },
  kafkajs: { libraries: ['kafkajs'] },
  knex: { libraries: ['knex'] },
  koa: { libraries: ['koa'], records: 'koa' },
  'lru-memoizer': { libraries: ['lru-memoizer'] },
  memcached: { libraries: ['memcached'] },
  mongodb: { libraries: ['mongodb'], records: 'mongodb' },
  mongoose: { libraries: ['mongoose'], records: 'mongoose' },
  mysql: { libraries: ['mysql'] },
  mysql2: { libraries: ['mysql2'], records: 'mysql2' },
  'nestjs-core': { libraries: ['@nestjs/core'], records: 'nestjs-core' },
  net: { libraries: [] },
  openai: { libraries: ['openai'] },
  oracledb: { libraries: ['oracledb'] },
  pg: { libraries: ['pg'], records: 'pg' },
  pino: { libraries: ['pino'], records: 'pino' },
  redis: { libraries: ['redis', '@redis/client'], records: 'redis' },
  'redis-4': { libraries: ['redis', '@redis/client'], records: 'redis' },
  restify: { libraries: ['restify'] },
  router: { libraries: ['router'], records: 'express' },
  'runtime-node': { libraries: [], records: 'runtime-node' },
  'socket.io': { libraries: ['socket.io'] },
  tedious: { libraries: ['tedious'] },
  undici: { libraries: ['undici'], records: 'undici' },
  winston: { libraries: ['winston'] },
};

const PACKAGES: ReadonlyMap<string, InstrumentationPackage> = new Map([
  ...Object.entries(SHORT_NAMES).map(([name, known]): [string, InstrumentationPackage] => [`${PREFIX}${name}`, known]),
  ['@fastify/otel', { libraries: ['fastify'], records: 'fastify' }],
]);

/** The package that a short name (`pg`) stands for; a name that is not one of those is the package's own. */
export function instrumentationPackage(name: string): string {
  const short = name.toLowerCase();
  return Object.hasOwn(SHORT_NAMES, short) ? `${PREFIX}${short}` : name;
}

/** The package that a name without a scope would have if it were a short one that is not in the list; undefined for others. */
export function openTelemetryPackage(name: string): string | undefined {
  return name.includes('/') ? undefined : `${PREFIX}${name}`;
}

/** What a package records that swansong may record, too; undefined for what swansong does not know. */
export function recordedBy(packageName: string): string | undefined {
  return PACKAGES.get(packageName)?.records;
}

/** The built-in instrumentation whose place a package takes. */
export function builtInReplacedBy(packageName: string): BuiltInInstrumentation | undefined {
  const records = recordedBy(packageName);
  return BUILT_IN_INSTRUMENTATIONS.find((name) => name === records);
}

/** The packages that instrument what a built-in instrumentation does. */
export function packagesReplacing(builtIn: string): readonly string[] {
  return [...PACKAGES].filter(([, { records }]) => records === builtIn).map(([packageName]) => packageName);
}

/** OpenTelemetry's packages by their short names: what they instrument, and the built-in instrumentation whose place they take. */
export function openTelemetryInstrumentations(): readonly {
  readonly name: string;
  readonly libraries: readonly string[];
  readonly builtIn: BuiltInInstrumentation | undefined;
}[] {
  return Object.entries(SHORT_NAMES).map(([name, { libraries }]) => ({
    name,
    libraries,
    builtIn: builtInReplacedBy(`${PREFIX}${name}`),
  }));
}
