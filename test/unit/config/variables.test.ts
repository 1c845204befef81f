import { expect, expectTypeOf, test } from 'vitest';
import type {
  Config,
  ExporterName,
  LogLevel,
  OtlpProtocol,
  PropagatorName,
  ResourceDetector,
  SamplerName,
} from '../../../src/config/config.ts';
import type { selfMetricsSwitches } from '../../../src/config/self-metrics-switches.ts';
import type { Variable } from '../../../src/config/variable.ts';
import { type ChoiceOf, type NameOf, rows, unsupportedVariables } from '../../../src/config/variables.ts';

const entries = Object.entries(rows);
const byName = new Map<string, Variable>(entries);

test.each(entries)('%s is named and described as the table needs it', (name, row) => {
  expect(name).toMatch(/^(OTEL|SWANSONG)(_[A-Z0-9]+)+$/);
  expect(row.description).toMatch(/^[^\n|]+\.$/);
  expect(Object.keys(unsupportedVariables)).not.toContain(name);
});

const heirs = entries.flatMap(([name, row]) => (row.inherits === undefined ? [] : [{ name, row, from: row.inherits }]));

// The types do not see all of this: they would let a protocol inherit from a compression.
test.each(heirs)('$name inherits from a variable like itself that has no parent', ({ row, from }) => {
  const parent = byName.get(from);
  expect(parent?.inherits).toBeUndefined();
  const shape = (of: object) => ({ ...of, inherits: 0, default: 0, description: 0 });
  expect(shape(row)).toEqual(shape(parent ?? {}));
});

const chosen = entries.flatMap(([name, row]) => ('values' in row ? [{ name, row }] : []));

test.each(chosen)('$name has lower-case values, as they are compared, and its default among them', ({ row }) => {
  expect(row.values.map((value) => value.toLowerCase())).toEqual(row.values);
  expect(row.values).toEqual(expect.arrayContaining('default' in row ? [row.default ?? []].flat() : []));
});

test('the headers, and nothing else, are secret', () => {
  expect(entries.filter(([, row]) => row.secret === true).map(([name]) => name)).toEqual(
    entries.filter(([, row]) => row.kind === 'headers').map(([name]) => name),
  );
});

test('the switches of self-metrics are the variables that name a place, all of them', () => {
  expectTypeOf<(typeof selfMetricsSwitches)[number]>().toEqualTypeOf<NameOf<'file' | 'address' | 'collector'>>();
});

test('the values of the table and the types of Config are the same', () => {
  expectTypeOf<ChoiceOf<'OTEL_LOG_LEVEL'>>().toEqualTypeOf<LogLevel>();
  expectTypeOf<ChoiceOf<'OTEL_PROPAGATORS'>>().toEqualTypeOf<PropagatorName>();
  expectTypeOf<ChoiceOf<'OTEL_TRACES_SAMPLER'>>().toEqualTypeOf<SamplerName>();
  expectTypeOf<ChoiceOf<'OTEL_TRACES_EXPORTER'>>().toEqualTypeOf<ExporterName>();
  expectTypeOf<ChoiceOf<'OTEL_METRICS_EXPORTER'>>().toEqualTypeOf<ExporterName>();
  expectTypeOf<ChoiceOf<'OTEL_LOGS_EXPORTER'>>().toEqualTypeOf<ExporterName>();
  expectTypeOf<ChoiceOf<'OTEL_EXPORTER_OTLP_PROTOCOL'>>().toEqualTypeOf<OtlpProtocol>();
  expectTypeOf<ChoiceOf<'OTEL_NODE_RESOURCE_DETECTORS'>>().toEqualTypeOf<ResourceDetector>();
  expectTypeOf<ChoiceOf<'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'>>().toEqualTypeOf<
    Config['metrics']['temporality']
  >();
  expectTypeOf<ChoiceOf<'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'>>().toEqualTypeOf<
    Config['metrics']['histogramAggregation']
  >();
});
