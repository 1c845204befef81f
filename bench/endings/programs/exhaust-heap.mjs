import { inQuery, traceOthers } from './tracing.mjs';

const hoard = [];
traceOthers();
inQuery(() => {
  setInterval(() => {
    for (let n = 0; n < 100_000; n += 1) hoard.push({ n });
  }, 1);
});
