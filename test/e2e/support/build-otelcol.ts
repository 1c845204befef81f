import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const SCRIPT = fileURLToPath(new URL('../../../scripts/otelcol.sh', import.meta.url));

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the OpenTelemetry Collector. */
    readonly otelcol: string;
  }
}

/**
 * Before the first test: builds the OpenTelemetry Collector, where it is not in the cache already.
 * @throws when it cannot be built: no test is skipped
 */
export function setup(project: TestProject): void {
  const lines = execFileSync(SCRIPT, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    .trim()
    .split('\n');
  project.provide('otelcol', lines.at(-1) ?? '');
}
