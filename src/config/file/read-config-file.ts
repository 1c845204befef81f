import { readFileSync, statSync } from 'node:fs';
import { parseConfigFile } from '@opentelemetry/configuration';
import { errorCode, messageOf } from '../../values/thrown.ts';
import type { ConfigFileResult } from '../config-file-result.ts';
import { quote } from '../show-value.ts';
import { deepFreeze, resolveConfig } from '../resolve-config.ts';
import { selfMetricsVariables } from '../self-metrics-variables.ts';
import type { Environment } from '../variable-reader.ts';
import { ConfigDocument } from './document.ts';
import { Entry } from './entry.ts';
import { explainFailure } from './explain-failure.ts';
import { Findings } from './findings.ts';
import { ignoredVariables, referencedVariables } from './referenced-variables.ts';
import { fileFormatOf } from './values.ts';
import { mapConfig } from './map-config.ts';

/** Bytes; a thousand times what a configuration needs. */
const MAX_BYTES = 1_048_576;
/** The newest minor version of `file_format` that swansong knows. */
const NEWEST_MINOR = 1;

/**
 * The configuration in the file that OTEL_CONFIG_FILE names, or one line that says where the file is wrong. Never throws.
 *
 * @param environment the environment of this process, to which `${NAME}` in the file refers
 */
export function readConfigFile(file: string, environment: Environment): ConfigFileResult {
  const content = readText(file);
  if ('problem' in content) return { status: 'refused', problem: `OTEL_CONFIG_FILE: ${content.problem}` };
  const document = new ConfigDocument(file, content.text);
  if (document.problem !== undefined) return { status: 'refused', problem: document.problem };
  const { config: base, warnings } = resolveConfig(onlySelfMetrics(environment));
  let raw: unknown;
  let model: unknown;
  try {
    raw = document.toJS();
    model = parseConfigFile(file);
  } catch (error) {
    return { status: 'refused', problem: explainFailure(error, document, raw, base) };
  }
  const findings = new Findings();
  const serviceName = environment['OTEL_SERVICE_NAME']?.trim() || undefined;
  const config = { ...mapConfig(new Entry(model, [], findings), { base, serviceName }), configFile: file };
  const [problem, ...more] = findings.problems.map(({ path, text }) => document.message(path, text));
  if (problem !== undefined) {
    return { status: 'refused', problem: more.length === 0 ? problem : `${problem} (and ${more.length} more)` };
  }
  const used = new Set(referencedVariables(raw));
  if (config.resource.serviceName !== undefined) used.add('OTEL_SERVICE_NAME');
  const ignored = ignoredVariables(environment, used);
  return deepFreeze({
    status: 'resolved',
    config,
    warnings: [
      ...warnings,
      ...newerFormat(raw, document),
      ...findings.warnings.map(({ path, text }) => document.message(path, text)),
      ...(ignored.length === 0 ? [] : [`OTEL_CONFIG_FILE is set, ignoring ${ignored.join(', ')}`]),
    ],
    description: [`OTEL_CONFIG_FILE=${quote(file)}`, ...findings.values],
  });
}

function readText(file: string): { readonly text: string } | { readonly problem: string } {
  try {
    const stats = statSync(file);
    // Reading a pipe could block forever, and the file is read twice.
    if (!stats.isFile()) return { problem: `expected a file (got ${quote(file)}, which is not one)` };
    if (stats.size > MAX_BYTES)
      return { problem: `${quote(file)} has ${stats.size} bytes, expected at most ${MAX_BYTES}` };
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    return { problem: `${quote(file)} cannot be read (${errorCode(error) ?? messageOf(error)})` };
  }
}

function onlySelfMetrics(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name in selfMetricsVariables));
}

function newerFormat(raw: unknown, document: ConfigDocument): readonly string[] {
  const format = fileFormatOf(raw);
  const minor = Number(/^1\.(\d+)/.exec(String(format))?.[1] ?? 0);
  if (minor <= NEWEST_MINOR) return [];
  return [
    document.message(
      ['file_format'],
      `expected 1.0 or 1.${NEWEST_MINOR} (got ${quote(String(format))}), reading it as 1.${NEWEST_MINOR}`,
    ),
  ];
}
