import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { resolveConfig } from '../../../../src/config/resolve-config.ts';
import { Entry } from '../../../../src/config/file/entry.ts';
import { dotted, Findings } from '../../../../src/config/file/findings.ts';
import { mapConfig } from '../../../../src/config/file/map-config.ts';
import { withKey } from '../../../support/config-file.ts';

const text = readFileSync(new URL('../../../../docs/configuration-file.md', import.meta.url), 'utf8');
const [supported = '', unsupported = ''] = text.split('## Not supported');
const keysIn = (part: string): readonly string[] => [...part.matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => key ?? '');

const exporters = ['otlp_http', 'otlp_grpc', 'otlp_file/development', 'console'] as const;
const exporter = (name: string) => ({
  exporter: { [name]: name.startsWith('otlp_h') || name.startsWith('otlp_g') ? { headers: [{}] } : {} },
});
const batches = exporters.map((name) => ({ batch: exporter(name) }));

/** Every section there is, empty: each is asked for all of its keys. */
const EVERYTHING = {
  resource: { attributes: [{}], 'detection/development': { detectors: [{}] } },
  propagator: { composite: [{}] },
  tracer_provider: {
    processors: [...batches, { simple: {} }],
    sampler: { parent_based: { root: { trace_id_ratio_based: {} } } },
  },
  logger_provider: { processors: batches },
  'instrumentation/development': { js: { express: {} } },
  meter_provider: { readers: exporters.map((name) => ({ periodic: exporter(name) })) },
};

/** Every key that the mapping asks for, as the document writes it. */
function knownKeys(): ReadonlySet<string> {
  const findings = new Findings();
  mapConfig(new Entry(EVERYTHING, [], findings), { base: resolveConfig({}).config, serviceName: undefined });
  const sections = new Set(findings.sections.map(({ path }) => asWritten(dotted(path))));
  const keys = findings.sections.flatMap(({ path, keys: names }) =>
    [...names].map((name) => asWritten(dotted([...path, name]))),
  );
  const hasKeys = (key: string) => sections.has(key) || [...sections].some((section) => section.startsWith(`${key}[]`));
  // Described by its keys, save what may stand there with nothing in it.
  return new Set(keys.filter((key) => !hasKeys(key) || /\.(?:simple|console|root|\w+_sampled)$/.test(key)));
}

function asWritten(path: string): string {
  return path
    .replaceAll(/\[\d+\]/g, '[]')
    .replace(/^.*\.exporter\./, 'exporter.')
    .replace(/^exporter\..*\.(temporality_preference|default_histogram_aggregation)$/, 'exporter.*.$1')
    .replace(/\.sampler(?:\.parent_based\.\w+(?=\.))+/, '.sampler');
}

test('docs/configuration-file.md has every key that the code reads, and no other', () => {
  expect([...keysIn(supported), ...keysIn(unsupported)].toSorted()).toEqual([...knownKeys()].toSorted());
});

test.each(keysIn(unsupported))('%s is told to be not supported', (key) => {
  const file = withKey({}, key.replaceAll('[]', '[0]'), {});
  const findings = new Findings();
  mapConfig(new Entry(file, [], findings), { base: resolveConfig({}).config, serviceName: undefined });
  expect(findings.warnings.map(({ path }) => asWritten(dotted(path)))).toEqual([key]);
});
