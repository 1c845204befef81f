// A server without a handler for any signal.
import { createServer } from 'node:http';
import { inQuery, traceOthers } from './tracing.mjs';

traceOthers();
inQuery(() => createServer().listen(0, '127.0.0.1', () => console.log('ready')));
