import { describe, expect, test } from 'vitest';
import { OPTION_NAMES, parseCommand } from '../../../src/cli/parse-command.ts';
import { USAGE, UsageError } from '../../../src/cli/usage.ts';
import { selfMetricsSwitches } from '../../../src/config/self-metrics-switches.ts';
import { selfMetricsVariables } from '../../../src/config/self-metrics-variables.ts';

const parse = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  parseCommand(['collector', ...args], environment);

/** The message of the error; what was parsed where there is none. */
function refusal(args: readonly string[], environment: Readonly<Record<string, string>> = {}): unknown {
  try {
    return parse(args, environment);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

const collector = (options: object): object => ({ kind: 'collector', collector: options, selfMetrics: undefined });
const selfMetrics = (options: object): object => ({ kind: 'collector', collector: {}, selfMetrics: options });

test('without options everything is left to the defaults', () => {
  expect(parse([])).toEqual(collector({}));
});

const SIZE = (max: number, got: string): string =>
  `expected a size from 1 to ${max} bytes, such as 65536, 512KiB or 64MiB (got "${got}")`;
const AGE = (max: number, got: string): string =>
  `expected a time from 1 to ${max} ms with its unit, such as 500ms, 30s or 12h (got "${got}")`;
const SAFE = Number.MAX_SAFE_INTEGER;
const ORIGIN = (got: string): string =>
  `expected an origin such as https://app.example or http://localhost:5173, or * (got "${got}")`;

const ALLOWED = (got: string): string =>
  `expected a host name or an IP address without a port, .example.com for all names below it, or * (got "${got}")`;

describe('what is valid', () => {
  test.each<[readonly string[], object]>([
    [['--port', '0'], collector({ port: 0 })],
    [['--port=65535'], collector({ port: 65_535 })],
    [['--host', '::1'], collector({ host: '::1' })],
    [['--dir', './here'], collector({ directory: './here' })],
    [['--fsync', 'never'], collector({ fsync: 'never' })],
    [['--fsync', 'interval'], collector({ fsync: 'interval' })],
    [['--fsync', 'always'], collector({ fsync: 'always' })],
    [['--max-body', '1'], collector({ maxBodyBytes: 1 })],
    [['--max-body', '256MiB'], collector({ maxBodyBytes: 268_435_456 })],
    [['--rotate-size', '65536'], collector({ rotateBytes: 65_536 })],
    [['--rotate-size', '512KiB'], collector({ rotateBytes: 524_288 })],
    [['--rotate-size', '2GiB'], collector({ rotateBytes: 2_147_483_648 })],
    [['--rotate-size', 'none'], collector({ rotateBytes: Infinity })],
    [['--rotate-age', '500ms'], collector({ rotateMillis: 500 })],
    [['--rotate-age', '30s'], collector({ rotateMillis: 30_000 })],
    [['--rotate-age', '15m'], collector({ rotateMillis: 900_000 })],
    [['--rotate-age', '12h'], collector({ rotateMillis: 43_200_000 })],
    [['--rotate-age', '7d'], collector({ rotateMillis: 604_800_000 })],
    [['--rotate-age', 'none'], collector({ rotateMillis: Infinity })],
    [['--max-total-size', '3GiB'], collector({ maxTotalBytes: 3_221_225_472 })],
    [['--max-total-size', 'none'], collector({ maxTotalBytes: Infinity })],
    [['--token', 'secret'], collector({ token: 'secret' })],
    [['--cors-origin', '*'], collector({ corsOrigins: ['*'] })],
    [
      ['--cors-origin', 'https://app.example', '--cors-origin', 'http://localhost:5173'],
      collector({ corsOrigins: ['https://app.example', 'http://localhost:5173'] }),
    ],
    [
      ['--allow-host', 'a.example', '--allow-host=.b.example'],
      collector({ allowedHosts: ['a.example', '.b.example'] }),
    ],
    [
      ['--allow-host=*', '--self-metrics-http=9464'],
      {
        kind: 'collector',
        collector: { allowedHosts: ['*'] },
        selfMetrics: { http: '9464', httpAllowedHosts: ['*'] },
      },
    ],
    [['--self-metrics-file', 'self.jsonl'], selfMetrics({ file: 'self.jsonl' })],
    [['--self-metrics-http', '9464'], selfMetrics({ http: '9464' })],
    [['--self-metrics-otlp', 'http://other:4318'], selfMetrics({ otlp: 'http://other:4318' })],
    [
      ['--self-metrics-file', 'self.jsonl', '--self-metrics-interval', '1h'],
      selfMetrics({ file: 'self.jsonl', intervalMillis: 3_600_000 }),
    ],
    [['--help'], { kind: 'help' }],
    [['--version'], { kind: 'version' }],
    // Who asks for help gets it, whatever else is wrong.
    [['--help', '--version', '--port', 'x'], { kind: 'help' }],
  ])('%j', (args, expected) => {
    expect(parse(args)).toEqual(expected);
  });
});

describe('what is not names the option, what was expected and the value', () => {
  test.each([
    ['port', '-1', 'expected an integer from 0 to 65535 (got "-1")'],
    ['port', '65536', 'expected an integer from 0 to 65535 (got "65536")'],
    ['port', '4318.5', 'expected an integer from 0 to 65535 (got "4318.5")'],
    ['port', '0x10', 'expected an integer from 0 to 65535 (got "0x10")'],
    ['fsync', 'Always', 'expected one of never, interval, always (got "Always")'],
    ['max-body', '0', SIZE(2 ** 28, '0')],
    ['max-body', '257MiB', SIZE(2 ** 28, '257MiB')],
    ['max-body', '64 MiB', SIZE(2 ** 28, '64 MiB')],
    ['max-body', '64mib', SIZE(2 ** 28, '64mib')],
    ['max-body', '1.5MiB', SIZE(2 ** 28, '1.5MiB')],
    // Only what may be unlimited knows it.
    ['max-body', 'none', SIZE(2 ** 28, 'none')],
    ['rotate-size', '0KiB', SIZE(SAFE, '0KiB')],
    ['rotate-size', 'None', SIZE(SAFE, 'None')],
    ['rotate-size', '9007199254740992', SIZE(SAFE, '9007199254740992')],
    ['max-total-size', '2GB', SIZE(SAFE, '2GB')],
    ['rotate-age', '30', AGE(SAFE, '30')],
    ['rotate-age', '0s', AGE(SAFE, '0s')],
    ['rotate-age', '1w', AGE(SAFE, '1w')],
    ['rotate-age', '1constructor', AGE(SAFE, '1constructor')],
    ['self-metrics-interval', '25d', AGE(2 ** 31 - 1, '25d')],
    ['self-metrics-interval', 'none', AGE(2 ** 31 - 1, 'none')],
    ['cors-origin', 'app.example', ORIGIN('app.example')],
    ['cors-origin', 'https://app.example/', ORIGIN('https://app.example/')],
    ['cors-origin', 'https://app.example:443', ORIGIN('https://app.example:443')],
    ['allow-host', 'http://a.example', ALLOWED('http://a.example')],
    ['allow-host', 'a.example:4318', ALLOWED('a.example:4318')],
    ['token', '', 'expected a text without spaces (got an empty one)'],
    ['token', 'two words', 'expected a text without spaces (got one with spaces)'],
  ])('--%s=%s', (option, value, message) => {
    expect(refusal([`--${option}=${value}`])).toBe(`--${option}: ${message}`);
  });

  test('an option twice: the last one counts, as everywhere; one without its value is refused', () => {
    expect(parse(['--port', '1', '--port', '2'])).toEqual(collector({ port: 2 }));
    expect(refusal(['--dir'])).toBe("Option '--dir <value>' argument missing");
    expect(refusal(['--help=yes'])).toMatch(/^Option '--help' does not take an argument/);
    expect(refusal(['--ports', '1'])).toMatch(/^Unknown option '--ports'/);
    expect(refusal(['--dir', 'a', 'b'])).toBe('collector takes no arguments (got "b")');
  });
});

describe('variables', () => {
  test('the token, where no option gives one; its text is never told', () => {
    const environment = { SWANSONG_COLLECTOR_TOKEN: 'of-the-variable' };
    expect(parse([], environment)).toEqual(collector({ token: 'of-the-variable' }));
    expect(parse(['--token', 'of-the-option'], environment)).toEqual(collector({ token: 'of-the-option' }));
    expect(refusal([], { SWANSONG_COLLECTOR_TOKEN: 'two words' })).toBe(
      'SWANSONG_COLLECTOR_TOKEN: expected a text without spaces (got one with spaces)',
    );
  });

  test.each(['SWANSONG_SELF_METRICS_FILE', 'SWANSONG_SELF_METRICS_HTTP', 'SWANSONG_SELF_METRICS_OTLP'])(
    '%s asks for self-metrics, empty it does not',
    (name) => {
      expect(parse([], { [name]: '1' })).toEqual(selfMetrics({}));
      expect(parse([], { [name]: '' })).toEqual(collector({}));
      expect(parse([], { [name]: ' ' })).toEqual(collector({}));
    },
  );

  test('no other variable of self-metrics asks for them', () => {
    for (const name of Object.keys(selfMetricsVariables)) {
      if (selfMetricsSwitches.some((one) => one === name)) continue;
      expect([name, parse([], { [name]: '1' })]).toEqual([name, collector({})]);
    }
    expect(parse([], { SWANSONG_SELF_METRICS_OTLP_ENDPOINT: '1' })).toEqual(collector({}));
  });

  test('an interval alone asks for none', () => {
    expect(parse(['--self-metrics-interval', '5s'])).toEqual(collector({}));
  });
});

test('--help names every option there is, and no other', () => {
  const named = new Set(Array.from(USAGE.matchAll(/^ {2}--([a-z-]+)/gm), ([, name = '']) => name));
  expect([...named].toSorted()).toEqual(OPTION_NAMES.toSorted());
});
