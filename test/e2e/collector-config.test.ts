import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../collector-config', import.meta.url));
/** Files that add to another one. */
const ADDS_TO: Readonly<Record<string, string>> = {
  'agent-kubernetes.yaml': 'agent.yaml',
  'compose.yaml': 'local.yaml',
};
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && name !== 'builder.yaml');

it('there is one collector, agents, gateways, and Kafka', () => {
  expect(files.toSorted()).toEqual([
    'agent-kubernetes.yaml',
    'agent.yaml',
    'compose.yaml',
    'gateway.yaml',
    'kafka.yaml',
    'local.yaml',
  ]);
});

describe.each(files)('collector-config/%s', (name) => {
  it('is valid for the real collector', () => {
    const all = [ADDS_TO[name] ?? [], name].flat();
    const configs = all.flatMap((file) => ['--config', join(FOLDER, file)]);
    // It says what is wrong on stderr and exits with 1.
    const output = execFileSync(inject('otelcol'), ['validate', ...configs], {
      encoding: 'utf8',
      env: { NODE_NAME: 'node-1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(output).toBe('');
  });
});
