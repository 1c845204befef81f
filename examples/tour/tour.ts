// `npm start`: runs two small services with swansong, sends them requests, lets one of them crash, and shows what arrived.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crash } from './crash.ts';
import { drawTraces } from './draw-traces.ts';
import { command, fact, paint, say, setting, step, title, width } from './narrator.ts';
import { Program } from './program.ts';
import { REQUEST_DURATION, requestsAnswered, summarizeMetrics } from './read-metrics.ts';
import { readTraces } from './read-traces.ts';
import { answerTo, type Request, textOf } from './requests.ts';
import { type Expectation, telemetryArrival } from './telemetry-arrival.ts';

/** The programs run in this folder: a package can import itself by its name, so `swansong/register` works as for a user. */
const repository = fileURLToPath(new URL('../..', import.meta.url));

const EXPECTED: readonly Expectation[] = [
  traceOf('GET /products', '200', 1),
  traceOf('POST /checkout', '201', 3),
  traceOf('POST /checkout', '500', 3),
  { what: `${REQUEST_DURATION} of shop for 3 requests`, isMet: (files) => requestsAnswered(files, 'shop') === 3 },
  { what: `${REQUEST_DURATION} of stock for 2 requests`, isMet: (files) => requestsAnswered(files, 'stock') === 2 },
];

function traceOf(action: string, status: string, spanCount: number): Expectation {
  return {
    what: `trace of ${action} answered ${status} with ${spanCount} spans`,
    isMet: (files) =>
      readTraces(files).some(
        ({ root, spans }) => root.action === action && root.status === status && spans.length === spanCount,
      ),
  };
}

class Interrupted extends Error {
  readonly signal: NodeJS.Signals;
  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

const interruption = new AbortController();
const programs: Program[] = [];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(new Interrupted(signal)));
}
// The reader has closed the pipe, as in `npm start | head`.
process.stdout.on('error', (error) => interruption.abort(error));
process.on('exit', () => {
  for (const program of programs) program.kill();
});
try {
  await tour();
} catch (error) {
  await Promise.all(programs.map((program) => program.end()));
  if (error instanceof Interrupted) {
    // Ends by the signal, as without a listener, so that a shell sees it.
    process.removeAllListeners(error.signal);
    process.kill(process.pid, error.signal);
  } else {
    console.error(`\nThe tour stopped: ${error instanceof Error ? error.message : String(error)}`);
    for (const { name, lines } of programs) {
      for (const line of [...lines.stdout, ...lines.stderr]) console.error(`${name}: ${line}`);
    }
    process.exitCode = 1;
  }
}

async function tour(): Promise<void> {
  title('A tour of swansong: the telemetry of ordinary Node.js services, including a crash');

  step(1, 'A backend for your own machine: it is part of swansong');
  mkdirSync('telemetry', { recursive: true });
  const directory = mkdtempSync(join('telemetry', 'tour-'));
  command(`npx swansong collector --port 0 --dir ${directory}`);
  const collector = start('collector', ['dist/cli.mjs', 'collector', '--port', '0', '--dir', resolve(directory)]);
  const endpoint = await listening(collector);

  step(2, 'Two services without code for telemetry: environment variables are enough');
  const env = {
    PORT: '0',
    NODE_OPTIONS: '--import swansong/register',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_METRIC_EXPORT_INTERVAL: '500',
  };
  setting(`NODE_OPTIONS="${env.NODE_OPTIONS}"`, 'loads swansong first');
  setting(`OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`, 'where telemetry goes');
  setting('OTEL_SERVICE_NAME=shop', 'the other one is "stock"');
  setting(`OTEL_BSP_SCHEDULE_DELAY=${env.OTEL_BSP_SCHEDULE_DELAY}`, 'spans wait 0.1 s, not 5 s');
  setting(`OTEL_METRIC_EXPORT_INTERVAL=${env.OTEL_METRIC_EXPORT_INTERVAL}`, 'metrics 0.5 s, not 60 s');
  say();
  command('node examples/tour/stock.mjs');
  const stock = start('stock', ['examples/tour/stock.mjs'], { ...env, OTEL_SERVICE_NAME: 'stock' });
  const stockUrl = await listening(stock);
  command(`STOCK_URL=${stockUrl} node examples/tour/shop.mjs`);
  const shop = start('shop', ['examples/tour/shop.mjs'], { ...env, OTEL_SERVICE_NAME: 'shop', STOCK_URL: stockUrl });
  const shopUrl = await listening(shop);

  step(3, 'Three requests to the shop, which calls stock with fetch for each order');
  await request(shopUrl, { method: 'GET', path: '/products' });
  await request(shopUrl, { method: 'POST', path: '/checkout', order: { product: 'coffee', quantity: 2 } });
  await request(shopUrl, { method: 'POST', path: '/checkout', order: { product: 'mate', quantity: 1 } });
  say();
  say('The last one hit a bug. All that the shop itself prints about it, on its stderr:');
  say(await shop.line('Error', 'stderr'));

  step(4, 'What arrived: each request is a trace, each operation in it a span');
  const arrived = await telemetryArrival(directory, EXPECTED, interruption.signal);
  for (const line of drawTraces(readTraces(arrived), width, paint)) say(line);
  say();
  say('An order is one trace although two processes work on it. In the one that failed');
  say('stock answered 200, and quickly: the bug is in the shop.');
  say();
  const { names, dataPoints } = summarizeMetrics(arrived);
  const answered = ['shop', 'stock'].map((service) => `${service} ${requestsAnswered(arrived, service)}`).join(', ');
  fact('metrics', `${names.length} kinds, ${dataPoints} data points: ${REQUEST_DURATION}`);
  fact('', `(requests: ${answered}), nodejs.eventloop.*, v8js.memory.* and more`);
  fact('logs', `${arrived.logRecords.length} records so far: the services write none with the OpenTelemetry API`);

  await crash({ shop, shopUrl, stock, directory, interruption: interruption.signal });

  step(7, 'SIGTERM: the others end by their own handlers, swansong has none');
  for (const program of [stock, collector]) {
    fact(program.name, await program.stop());
    for (const line of program.lines.stderr) fact('', line);
  }

  step(8, 'Your turn');
  say(`The files            ${directory}/traces.jsonl, metrics.jsonl, logs.jsonl`);
  say('Another backend      OTEL_EXPORTER_OTLP_ENDPOINT=https://otlp.example.com:4318');
  say('Your own project     npm install swansong');
  say('                     npx swansong collector &');
  say('                     node --import swansong/register app.js');
}

function start(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const program = new Program({ name, args, env, cwd: repository, interruption: interruption.signal });
  programs.push(program);
  return program;
}

/** Shows the line that a server prints when it is ready. @returns the URL in it */
async function listening(program: Program): Promise<string> {
  const line = await program.line('listening on http');
  say(line);
  return line.slice(line.indexOf('http://'));
}

async function request(url: string, what: Request): Promise<void> {
  const answer = await answerTo(what, url, interruption.signal);
  say(`${textOf(what).padEnd(48)} ${answer.startsWith('5') ? paint('red', answer) : answer}`);
}
