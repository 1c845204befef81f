import { BUILT_IN_INSTRUMENTATIONS, type BuiltInInstrumentation } from '../built-in-instrumentations.ts';
import type { Config } from '../config.ts';
import { isLogSource, LOG_SOURCES } from '../log-sources.ts';
import { instrumentationPackage } from '../instrumentation-packages.ts';
import { isPackageName } from '../parse-list.ts';
import type { Entry } from './entry.ts';
import { mapInstrumentation } from './map-instrumentation.ts';
import { toChoice, toFlag, toInteger, toList } from './values.ts';

type Distribution = Pick<
  Config,
  'instrumentations' | 'sdkMetrics' | 'exceptionSignal' | 'exitTimeoutMillis' | 'shutdownTimeoutMillis'
>;

const isBuiltIn = (text: string): text is BuiltInInstrumentation =>
  BUILT_IN_INSTRUMENTATIONS.some((name) => name === text);
const toBuiltIns = toList(isBuiltIn, BUILT_IN_INSTRUMENTATIONS.join(', '));
const isName = (text: string): text is string => isPackageName(text);

/** `distribution.swansong`, and the options of the instrumentations that it names, which are in `instrumentation/development`: options that the schema does not have. The schema does not check this section, so unknown keys are refused here. */
export function mapDistribution(distribution: Entry, instrumentation: Entry, base: Config): Distribution {
  const entry = distribution.key('swansong');
  // Sections of other distributions are ignored without a warning.
  distribution.others();
  if (entry.isGiven && (typeof entry.value !== 'object' || Array.isArray(entry.value)))
    entry.refuse('expected a mapping');
  const named = entry.key('instrumentations').read(toList(isName, 'package names')) ?? [];
  const packages = [...new Set(named.map(instrumentationPackage))];
  const mapped = {
    instrumentations: {
      enabled: entry.key('enabled_instrumentations').read(toBuiltIns),
      disabled: entry.key('disabled_instrumentations').read(toBuiltIns) ?? [],
      packages,
      options: mapInstrumentation(instrumentation, packages),
      captureContent: entry.key('genai_capture_message_content').read(toFlag) ?? base.instrumentations.captureContent,
      logs: entry.key('logs').read(toList(isLogSource, LOG_SOURCES.join(', '))) ?? base.instrumentations.logs,
    },
    sdkMetrics: entry.key('sdk_metrics').read(toFlag) ?? base.sdkMetrics,
    exceptionSignal: entry.key('exception_signal').read(toChoice(['logs', 'logs/dup'])) ?? base.exceptionSignal,
    exitTimeoutMillis: entry.key('exit_timeout').read(toInteger('SWANSONG_EXIT_TIMEOUT')) ?? base.exitTimeoutMillis,
    shutdownTimeoutMillis:
      entry.key('shutdown_timeout').read(toInteger('SWANSONG_SHUTDOWN_TIMEOUT')) ?? base.shutdownTimeoutMillis,
  };
  const expected = entry.findings.expectedKeys(entry.path);
  for (const other of entry.others()) other.refuse(`unknown key, expected one of ${expected}`);
  return mapped;
}
