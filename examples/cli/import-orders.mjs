// A job, e.g. for cron: node --import swansong/register import-orders.mjs < orders.csv
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';

const BAD_INPUT = 65; // EX_DATAERR of sysexits.h

const tracer = trace.getTracer('import-orders');

// Without a handler SIGTERM ends the process without running JavaScript; process 1 of a container ignores it.
process.once('SIGTERM', () => process.exit(143));

await tracer.startActiveSpan('import orders', async (span) => {
  let imported = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    await importOrder(line);
    imported += 1;
    console.log(`imported ${line}`);
  }
  span.setAttribute('orders.imported', imported);
  span.end();
});

function importOrder(line) {
  return tracer.startActiveSpan('import order', async (span) => {
    const [product, quantity] = line.split(',');
    if (!/^\d+$/.test(quantity ?? '')) {
      console.error(`not an order: ${line}`);
      // Two spans are open and nothing has been flushed: swansong delivers both.
      process.exit(BAD_INPUT);
    }
    span.setAttributes({ 'order.product': product, 'order.quantity': Number(quantity) });
    await setTimeout(5); // the database
    span.end();
  });
}
