import { dependsOn } from '../../application/application-dependencies.ts';
import { openTelemetryInstrumentations } from '../../config/instrumentation-packages.ts';

export const AUTO_INSTRUMENTATIONS = '@opentelemetry/auto-instrumentations-node';

/** For who names OpenTelemetry's collection of all instrumentations: which of them this application needs by name. */
export function insteadOfAutoInstrumentations(uses: (library: string) => boolean = dependsOn): string {
  const relevant = openTelemetryInstrumentations().filter(
    ({ libraries, builtIn }) => builtIn !== undefined || libraries.some((library) => uses(library)),
  );
  const builtIn = relevant.flatMap((one) => (one.builtIn === undefined ? [] : [one.builtIn]));
  const names = relevant.flatMap((one) => (one.builtIn === undefined ? [one.name] : []));
  const known = `built in: ${[...new Set(builtIn)].join(', ')}`;
  if (names.length === 0) return `${AUTO_INSTRUMENTATIONS} is not needed for this application (${known})`;
  const packages = names.map((name) => `@opentelemetry/instrumentation-${name}`).join(' ');
  return `instead of ${AUTO_INSTRUMENTATIONS} set SWANSONG_INSTRUMENTATIONS=${names.join(',')} and npm install ${packages} (${known})`;
}
