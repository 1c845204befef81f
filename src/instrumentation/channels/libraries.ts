import { AI } from './ai.ts';
import { GRAPHQL } from './graphql.ts';
import { KAFKA } from './kafka.ts';
import type { Library } from './library.ts';
import { PG } from './pg/pg.ts';

/** The libraries that are recorded by the channels which they publish themselves. */
export const LIBRARIES: readonly Library[] = [AI, GRAPHQL, KAFKA, PG];
