// What a fault in a native addon looks like from outside.
import { inQuery, traceOthers } from './tracing.mjs';

traceOthers();
inQuery(() => {
  setTimeout(() => process.kill(process.pid, 'SIGSEGV'), 100);
});
