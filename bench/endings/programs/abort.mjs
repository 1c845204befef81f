import { inQuery, traceOthers } from './tracing.mjs';

traceOthers();
inQuery(() => {
  setTimeout(() => process.abort(), 100);
});
