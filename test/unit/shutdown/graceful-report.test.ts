import { expect, it } from 'vitest';
import { reportNothing } from '../../../src/shutdown/flush-report.ts';
import { describeCut, GracefulShutdownReport } from '../../../src/shutdown/graceful-report.ts';

const FACTS = {
  ok: true,
  timedOut: false,
  durationMillis: 1319.6,
  servers: [],
  closed: [],
  telemetry: reportNothing(),
  errors: [],
};
const TELEMETRY = 'telemetry: delivered 0 spans, 0 log records, 0 collections of metrics';

it('says in one line that it ended cleanly', () => {
  expect(String(new GracefulShutdownReport(FACTS))).toBe(`ended cleanly in 1320 ms; ${TELEMETRY}`);
});

it('or why not', () => {
  const errors = [new Error('servers[0]: 1 connection\ndestroyed'), new Error('close[1]: threw')];
  expect(String(new GracefulShutdownReport({ ...FACTS, ok: false, errors }))).toBe(
    `ended in 1320 ms, not cleanly: servers[0]: 1 connection destroyed; close[1]: threw; ${TELEMETRY}`,
  );
});

it.each([
  [
    { connectionsDestroyed: 1, requestsCut: 3, connectionsLeft: 0 },
    '1 connection destroyed at the deadline, 3 requests cut',
  ],
  [
    { connectionsDestroyed: 2, requestsCut: 1, connectionsLeft: 2 },
    '2 connections destroyed at the deadline, 1 request cut; 2 unreferenced connections could not be',
  ],
])('of a server that was cut: %o', (counts, text) => {
  expect(describeCut({ ok: false, durationMillis: 1, ...counts })).toBe(text);
});
