// Ends like a process with a fault in a native addon.
import { inQuery, traceOthers } from './tracing.mjs';

traceOthers();
inQuery(() => {
  setTimeout(() => process.kill(process.pid, 'SIGSEGV'), 100);
});
