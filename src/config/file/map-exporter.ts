import type { ExporterName, OtlpConfig } from '../config.ts';
import { quote } from '../show-value.ts';
import type { Entry } from './entry.ts';
import { mapOtlpGrpc, mapOtlpHttp } from './map-otlp.ts';
import { toText } from './values.ts';

export interface MappedExporter {
  readonly name: ExporterName;
  /** The key of the exporter, with its settings. */
  readonly entry: Entry;
  readonly otlp: OtlpConfig | undefined;
}

/** One `exporter:` of a processor or reader; undefined, with a warning, if swansong does not support it. */
export function mapExporter(entry: Entry, base: OtlpConfig): MappedExporter | undefined {
  const http = entry.key('otlp_http');
  const grpc = entry.key('otlp_grpc');
  const file = entry.key('otlp_file/development');
  const console = entry.key('console');
  for (const other of entry.others()) other.warn('this exporter is not supported, ignoring it');
  if (http.isPresent) return { name: 'otlp', entry: http, otlp: mapOtlpHttp(http, base) };
  if (grpc.isPresent) return { name: 'otlp', entry: grpc, otlp: mapOtlpGrpc(grpc, base) };
  if (file.isPresent) return mapOtlpFile(file);
  return console.isPresent ? { name: 'console', entry: console, otlp: undefined } : undefined;
}

function mapOtlpFile(entry: Entry): MappedExporter | undefined {
  const stream = entry.key('output_stream');
  const name = stream.read(toText, quote) ?? 'stdout';
  if (name === 'stdout') return { name: 'otlp/stdout', entry, otlp: undefined };
  stream.warn(`expected stdout, files are not supported (got ${quote(name)}), ignoring this exporter`);
  return undefined;
}

/** The exporters of one signal. At most one of each kind: a signal has one outbox for each. */
export class ExporterSet {
  readonly #exporters = new Map<ExporterName, MappedExporter>();

  /** @returns false, with a warning, if there is one of its kind already */
  add(exporter: MappedExporter): boolean {
    const { name, entry } = exporter;
    if (this.#exporters.has(name)) {
      const kind = name === 'otlp' ? 'OTLP' : name;
      entry.warn(`a second ${kind} exporter of a signal is not supported, ignoring this one`);
      return false;
    }
    this.#exporters.set(name, exporter);
    return true;
  }

  get names(): readonly ExporterName[] {
    return [...this.#exporters.keys()];
  }

  get otlp(): OtlpConfig | undefined {
    return this.#exporters.get('otlp')?.otlp;
  }
}
