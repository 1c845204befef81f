import { parseArgs } from 'node:util';
import { LONGEST_TIMER_MILLIS } from '../clock/longest-timer.ts';
import { type CollectorOptions, FSYNC, LARGEST_BODY, tokenProblem } from '../collector/collector-options.ts';
import { selfMetricsAreOn } from '../config/self-metrics-switches.ts';
import type { SelfMetricsOptions } from '../self-metrics/self-metrics-options.ts';
import { age, ageOrNone, allowedHost, integer, oneOf, origin, size, sizeOrNone } from './option-values.ts';
import { UsageError } from './usage.ts';

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'collector';
      readonly collector: CollectorOptions;
      /** `undefined` if neither an option nor a variable asks for them. */
      readonly selfMetrics: SelfMetricsOptions | undefined;
    };

type Environment = Readonly<Record<string, string | undefined>>;

const TOKEN_VARIABLE = 'SWANSONG_COLLECTOR_TOKEN';

const text = { type: 'string' } as const;
const OPTIONS = {
  port: text,
  host: text,
  dir: text,
  fsync: text,
  'max-body': text,
  'rotate-size': text,
  'rotate-age': text,
  'max-total-size': text,
  token: text,
  'cors-origin': { type: 'string', multiple: true },
  'allow-host': { type: 'string', multiple: true },
  'self-metrics-file': text,
  'self-metrics-http': text,
  'self-metrics-otlp': text,
  'self-metrics-interval': text,
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

export const OPTION_NAMES: readonly string[] = Object.keys(OPTIONS);

type Values = ReturnType<typeof parse>['values'];

/** @throws UsageError */
export function parseCommand(args: readonly string[], environment: Environment): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const [command, ...rest] = positionals;
  if (command !== 'collector') {
    throw new UsageError(
      `command: expected collector (got ${command === undefined ? 'none' : JSON.stringify(command)})`,
    );
  }
  if (rest.length > 0) throw new UsageError(`collector takes no arguments (got ${JSON.stringify(rest[0])})`);
  return {
    kind: 'collector',
    collector: collectorOptions(values, environment),
    selfMetrics: selfMetricsOptions(values, environment),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    // The TypeErrors of parseArgs have messages for the user.
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function collectorOptions(values: Values, environment: Environment): CollectorOptions {
  const { port, host, dir, fsync, 'max-body': maxBody, 'cors-origin': origins, 'allow-host': hosts } = values;
  const { 'rotate-size': rotateSize, 'rotate-age': rotateAge, 'max-total-size': totalSize } = values;
  const token = values.token ?? environment[TOKEN_VARIABLE];
  return {
    ...(port !== undefined && { port: integer('--port', port, 0, 65_535) }),
    ...(host !== undefined && { host }),
    ...(dir !== undefined && { directory: dir }),
    ...(fsync !== undefined && { fsync: oneOf('--fsync', fsync, FSYNC) }),
    ...(maxBody !== undefined && { maxBodyBytes: size('--max-body', maxBody, LARGEST_BODY) }),
    ...(rotateSize !== undefined && { rotateBytes: sizeOrNone('--rotate-size', rotateSize) }),
    ...(rotateAge !== undefined && { rotateMillis: ageOrNone('--rotate-age', rotateAge) }),
    ...(totalSize !== undefined && { maxTotalBytes: sizeOrNone('--max-total-size', totalSize) }),
    ...(token !== undefined && { token: tokenOf(values.token === undefined ? TOKEN_VARIABLE : '--token', token) }),
    ...(hosts !== undefined && { allowedHosts: hosts.map((one) => allowedHost('--allow-host', one)) }),
    ...(origins !== undefined && { corsOrigins: origins.map((one) => origin('--cors-origin', one)) }),
  };
}

/** @param name of the option or the variable that gives it */
function tokenOf(name: string, token: string): string {
  const problem = tokenProblem(token);
  if (problem !== undefined) throw new UsageError(`${name}: ${problem}`);
  return token;
}

function selfMetricsOptions(values: Values, environment: Environment): SelfMetricsOptions | undefined {
  const { 'self-metrics-file': file, 'self-metrics-http': http, 'self-metrics-otlp': otlp } = values;
  const { 'self-metrics-interval': interval, 'allow-host': hosts } = values;
  const given = {
    ...(file !== undefined && { file }),
    ...(http !== undefined && { http }),
    ...(otlp !== undefined && { otlp }),
    // A name of the collector is a name of both ports. Without the option, the variable decides.
    ...(hosts !== undefined && { httpAllowedHosts: hosts }),
    ...(interval !== undefined && {
      intervalMillis: age('--self-metrics-interval', interval, LONGEST_TIMER_MILLIS),
    }),
  };
  const isRequested = file !== undefined || http !== undefined || otlp !== undefined;
  return isRequested || selfMetricsAreOn(environment) ? given : undefined;
}
