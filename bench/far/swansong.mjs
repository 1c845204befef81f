import { forceFlush } from '../../dist/index.mjs';
import { produce } from './produce.mjs';

await produce(() => forceFlush({ timeoutMillis: 60_000 }));
