import { readFileSync } from 'node:fs';
import type { LogRecord } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { Lifecycle } from '../../../src/shutdown/lifecycle.ts';
import { NO_COUNTS } from '../../../src/shutdown/flush-report.ts';

it('docs/lifecycle-events.md names every event and every attribute, and no other', () => {
  const records: LogRecord[] = [];
  const lifecycle = new Lifecycle({
    logger: { emit: (record) => void records.push(record), enabled: () => true },
    counts: () => ({ spans: { ...NO_COUNTS, accepted: 1 }, logs: NO_COUNTS, metrics: NO_COUNTS }),
  });
  lifecycle.stopping('SIGTERM');
  lifecycle.stopped('SIGTERM');
  lifecycle.exited(0, 0);
  const document = readFileSync(new URL('../../../docs/lifecycle-events.md', import.meta.url), 'utf8');
  const [events, attributes] = document
    .split(/\n\| attribute /)
    .map((part) => [...part.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name));
  expect(events).toEqual(records.map(({ eventName }) => eventName));
  const used = new Set(records.flatMap((record) => Object.keys(record.attributes ?? {})));
  // Only worker threads have it.
  expect(new Set(attributes)).toEqual(used.add('thread.id'));
});
