import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, diag, metrics, trace } from '@opentelemetry/api';
import type { BuiltInInstrumentation } from '../config/built-in-instrumentations.ts';
import type { Config } from '../config/config.ts';
import type { ErrorRecorder } from '../errors/record-error.ts';
import { isLogSource } from '../config/log-sources.ts';
import { instrumentLibrary } from './channels/instrument-library.ts';
import { LIBRARIES } from './channels/libraries.ts';
import { instrumentFetch } from './http/fetch.ts';
import { instrumentIncomingHttp } from './http/incoming-http.ts';
import { instrumentIncomingHttp2 } from './http/incoming-http2.ts';
import { instrumentOutgoingHttp } from './http/outgoing-http.ts';
import { instrumentOutgoingHttp2 } from './http/outgoing-http2.ts';
import { recordConsole } from './logs/console.ts';
import { LogLines } from './logs/log-lines.ts';
import { recordPino } from './logs/pino.ts';
import { FRAMEWORKS } from './routes/frameworks.ts';
import { observeRuntime } from './runtime.ts';
import { loadApplicationInstrumentations } from './packages/application-instrumentations.ts';
import { VERSION } from '../config/distribution.ts';

/** What starts an instrumentation; it may return what stops it. */
type Start = (
  store: AsyncLocalStorage<Context>,
  config: Config['instrumentations'],
  lines: LogLines,
  errors: ErrorRecorder,
) => (() => void) | void;

/** The built-in instrumentations, all on by default but for those that SWANSONG_LOGS does not name. The keys are the names that OTEL_NODE_*_INSTRUMENTATIONS use. */
const BUILT_IN: Readonly<Partial<Record<BuiltInInstrumentation, Start>>> = {
  http(_store, _config, _lines, errors) {
    const tracer = trace.getTracer('swansong/http', VERSION);
    const meter = metrics.getMeter('swansong/http', VERSION);
    instrumentIncomingHttp(tracer, meter, errors.answered);
    instrumentOutgoingHttp(tracer, meter);
  },
  http2(_store, _config, _lines, errors) {
    const tracer = trace.getTracer('swansong/http2', VERSION);
    const meter = metrics.getMeter('swansong/http2', VERSION);
    instrumentIncomingHttp2(tracer, meter, errors.answered);
    instrumentOutgoingHttp2(tracer, meter);
  },
  undici() {
    instrumentFetch(trace.getTracer('swansong/undici', VERSION), metrics.getMeter('swansong/undici', VERSION));
  },
  'runtime-node': () => observeRuntime(metrics.getMeterProvider()),
  ...Object.fromEntries(
    LIBRARIES.map((library): [string, Start] => [
      library.name,
      (store, { captureContent }) => instrumentLibrary(library, store, captureContent),
    ]),
  ),
  ...Object.fromEntries(FRAMEWORKS.map(({ name, start }): [string, Start] => [name, () => start()])),
  pino: (_store, _config, lines) => recordPino(lines),
  console: (_store, _config, lines) => recordConsole(lines),
};

/**
 * Packages that the built-in instrumentations stand for: what they observe is not to be observed twice. Those of frameworks record more:
 * their spans of middleware.
 */
export function builtInPackages(config: Config['instrumentations']): readonly string[] {
  return Object.keys(BUILT_IN)
    .filter((name) => isWanted(name, config) && FRAMEWORKS.every((framework) => framework.name !== name))
    .map((name) => `@opentelemetry/instrumentation-${name}`);
}

function isWanted(name: string, { enabled, disabled, logs }: Config['instrumentations']): boolean {
  if (isLogSource(name) && !logs.includes(name)) return false;
  return (enabled === undefined || enabled.some((one) => one === name)) && !disabled.some((one) => one === name);
}

/**
 * Instruments this process. Must be called after the global providers are set: instrumentations create their meters when they
 * are constructed. One that fails to start is reported, and the others still start.
 *
 * The built-in ones do not hook `require` or `import`, and wrap no function, but for those of pg: they subscribe to diagnostics
 * channels. So they work the same in ESM and CommonJS, and need no loader hook, which prints a deprecation warning on Node 26.
 *
 * @param store where the context manager keeps the active context
 * @param errors records those that frameworks answer, and knows of those that are logged, too
 * @returns stops those that run in the background: sampling the event loop delay is useless when nothing is exported any more
 */
export function startInstrumentations(
  config: Config['instrumentations'],
  store: AsyncLocalStorage<Context>,
  errors: ErrorRecorder,
): () => void {
  const lines = new LogLines(errors);
  const stops: (() => void)[] = [];
  const loaded = loadApplicationInstrumentations(config.packages);
  for (const [name, start] of Object.entries(BUILT_IN)) {
    if (!isWanted(name, config)) continue;
    // A package that the application names for it, and that could be loaded, replaces it: both would record everything twice.
    if (loaded.has(`@opentelemetry/instrumentation-${name}`)) continue;
    try {
      const stop = start(store, config, lines, errors);
      if (stop !== undefined) stops.push(stop);
    } catch (error) {
      diag.error(`the instrumentation of ${name} could not start`, error);
    }
  }
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}
