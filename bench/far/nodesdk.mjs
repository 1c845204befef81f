// The same module instance that --import loaded.
import { sdk } from '../nodesdk/preload.mjs';
import { produce } from './produce.mjs';

await produce(() => sdk.shutdown());
