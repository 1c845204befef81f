import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whenTestEnds } from './when-test-ends.ts';

/** A configuration file for the time of one test. What is no text is written as JSON, which is YAML. */
export function writeConfigFile(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'swansong-config-'));
  whenTestEnds(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'otel.yaml');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
  return file;
}

/** The file that says what no file and no variable say. */
export function defaultFile(): object {
  const processors = () => [{ batch: { exporter: { otlp_http: null } } }];
  return {
    file_format: '1.1',
    resource: { 'detection/development': { detectors: [{ host: null }, { process: null }, { service: null }] } },
    propagator: { composite: [{ tracecontext: null }, { baggage: null }] },
    tracer_provider: { processors: processors() },
    logger_provider: { processors: processors() },
    meter_provider: { readers: [{ periodic: { exporter: { otlp_http: null } } }] },
  };
}

/** A copy of the file with another value at `a.b[0].c`; what is missing on the way is made. */
export function withKey(file: object, key: string, value: unknown): object {
  const copy = structuredClone(file);
  const parts = key.split(/[.[\]]+/).filter((part) => part !== '');
  let place: object = copy;
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1) Reflect.set(place, part, value);
    else {
      const next: unknown = Reflect.get(place, part);
      const isObject = typeof next === 'object' && next !== null;
      const made: object = isObject ? next : /^\d+$/.test(parts[index + 1] ?? '') ? [] : {};
      Reflect.set(place, part, made);
      place = made;
    }
  }
  return copy;
}
