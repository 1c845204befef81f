import type { BuiltInInstrumentation } from '../../config/built-in-instrumentations.ts';
import { EXPRESS_CHANNEL, instrumentExpress } from './express.ts';
import { FASTIFY_CHANNEL, FASTIFY_INITIALIZATION, instrumentFastify } from './fastify.ts';
import { H3_CHANNEL, instrumentH3 } from './h3.ts';
import { instrumentNext } from './next.ts';
import { instrumentSrvx, SRVX_CHANNEL, SRVX_MIDDLEWARE } from './srvx.ts';

/** A framework that tells the routes of requests, and the errors that it answers. */
export interface Framework {
  /** The name for OTEL_NODE_ENABLED_INSTRUMENTATIONS. */
  readonly name: BuiltInInstrumentation;
  readonly packageName: string;
  /** As a range of npm. */
  readonly versions: string;
  readonly channels: readonly string[];
  readonly start: () => void;
}

export const FRAMEWORKS: readonly Framework[] = [
  {
    name: 'express',
    packageName: 'express',
    versions: '>=4.0.0',
    channels: [EXPRESS_CHANNEL],
    start: instrumentExpress,
  },
  {
    name: 'fastify',
    packageName: 'fastify',
    versions: '>=5.0.0',
    channels: [FASTIFY_CHANNEL, FASTIFY_INITIALIZATION],
    start: instrumentFastify,
  },
  { name: 'next', packageName: 'next', versions: '>=16.0.0', channels: [], start: instrumentNext },
  { name: 'h3', packageName: 'h3', versions: '>=2.0.0', channels: [H3_CHANNEL], start: instrumentH3 },
  {
    name: 'srvx',
    packageName: 'srvx',
    versions: '>=1.0.0',
    channels: [SRVX_CHANNEL, SRVX_MIDDLEWARE],
    start: instrumentSrvx,
  },
];
