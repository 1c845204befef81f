import { AI } from './ai.ts';
import { GRAPHQL } from './graphql.ts';
import { IOREDIS } from './ioredis.ts';
import { KAFKA } from './kafka.ts';
import type { Library } from './library.ts';
import { MONGOOSE } from './mongoose.ts';
import { MYSQL2 } from './mysql2.ts';
import { PG } from './pg/pg.ts';
import { REDIS } from './redis.ts';
import { SQLITE } from './sqlite.ts';

/** The libraries that are recorded by the channels which they publish themselves. */
export const LIBRARIES: readonly Library[] = [AI, GRAPHQL, IOREDIS, KAFKA, MONGOOSE, MYSQL2, PG, REDIS, SQLITE];
