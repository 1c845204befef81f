import type { Library } from './library.ts';
import { PG } from './pg/pg.ts';

/** The libraries that are recorded by the channels which they publish themselves. */
export const LIBRARIES: readonly Library[] = [PG];
