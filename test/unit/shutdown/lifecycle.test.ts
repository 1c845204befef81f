import { type Logger, type LogRecord, SeverityNumber } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lifecycle } from '../../../src/shutdown/lifecycle.ts';
import { NO_COUNTS } from '../../../src/shutdown/flush-report.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

const START = Date.UTC(2026, 10, 22);

function setUp(accepted = 1) {
  const records: LogRecord[] = [];
  const logger: Logger = { emit: (record) => void records.push(record), enabled: () => true };
  const counts = {
    spans: { ...NO_COUNTS, accepted, delivered: 3, dropped: { queue_full: 2, refused: 1 } },
    logs: NO_COUNTS,
    metrics: NO_COUNTS,
  };
  const lifecycle = new Lifecycle({ logger, counts: () => counts });
  return { records, lifecycle, names: () => records.map(({ eventName }) => eventName) };
}

const COUNTS = {
  'swansong.spans.accepted': 1,
  'swansong.spans.delivered': 3,
  'swansong.spans.dropped': 3,
  'swansong.log_records.accepted': 0,
  'swansong.log_records.delivered': 0,
  'swansong.log_records.dropped': 0,
};

describe('Lifecycle', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: START });
  });

  afterEach(() => {
    vi.useRealTimers();
    process.exitCode = undefined;
  });

  it('records the start of a process after 10 s, with the time of the start', () => {
    const { records } = setUp(0);
    vi.advanceTimersByTime(9_999);
    expect(records).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(records).toMatchObject([
      {
        eventName: 'swansong.process.started',
        timestamp: START,
        severityNumber: SeverityNumber.INFO,
        body: 'the process has started',
        attributes: { 'process.uptime': expect.any(Number) },
      },
    ]);
  });

  it('which can be cancelled', () => {
    const { records, lifecycle } = setUp(0);
    lifecycle.cancel();
    vi.advanceTimersByTime(60_000);
    expect(records).toEqual([]);
  });

  it('says in its text what has happened', () => {
    const { records, lifecycle } = setUp();
    lifecycle.stopping(undefined);
    lifecycle.stopped(undefined);
    lifecycle.exited(0, 0);
    expect(records.map(({ body, severityText, severityNumber }) => [body, severityText, severityNumber])).toEqual([
      ['the process has started', 'INFO', SeverityNumber.INFO],
      ['the process is stopping', 'INFO', SeverityNumber.INFO],
      ['the process has stopped', 'INFO', SeverityNumber.INFO],
      ['the process ended with exit code 0', 'INFO', SeverityNumber.INFO],
    ]);
    expect(records.map(({ attributes }) => attributes)).not.toContainEqual(
      expect.objectContaining({ 'swansong.shutdown.reason': expect.anything() }),
    );
    const told = setUp();
    told.lifecycle.stopped('SIGTERM');
    expect(told.records.map(({ body }) => body)).toEqual(['the process has stopped: SIGTERM']);
  });

  it('records the reason, the signal, the exit code that is set and the counts', () => {
    const { records, lifecycle, names } = setUp();
    lifecycle.stopping('SIGTERM');
    process.exitCode = 3;
    lifecycle.stopped('SIGTERM');
    expect(names()).toEqual(['swansong.process.started', 'swansong.process.stopping', 'swansong.process.stopped']);
    expect(records[1]?.attributes).toEqual({
      'swansong.shutdown.reason': 'SIGTERM',
      'swansong.shutdown.signal': 'SIGTERM',
      'process.uptime': expect.any(Number),
    });
    expect(records[2]?.attributes).toEqual({
      'swansong.shutdown.reason': 'SIGTERM',
      'swansong.shutdown.signal': 'SIGTERM',
      'process.exit.code': 3,
      'process.uptime': expect.any(Number),
      ...COUNTS,
    });
  });

  it('a reason that is not the name of a signal is only a reason', () => {
    const { records, lifecycle } = setUp();
    lifecycle.stopping('toString');
    expect(records[1]).toMatchObject({ body: 'the process is stopping: toString' });
    expect(records[1]?.attributes).not.toHaveProperty('swansong.shutdown.signal');
  });

  it('records each event once', () => {
    const { lifecycle, names } = setUp();
    lifecycle.stopping('SIGTERM');
    lifecycle.stopping(undefined);
    lifecycle.stopped(undefined);
    lifecycle.stopped('again');
    vi.advanceTimersByTime(60_000);
    expect(names()).toEqual(['swansong.process.started', 'swansong.process.stopping', 'swansong.process.stopped']);
  });

  it('a process without telemetry records nothing when it stops', () => {
    const { lifecycle, records } = setUp(0);
    lifecycle.stopping('SIGTERM');
    lifecycle.stopped('SIGTERM');
    vi.advanceTimersByTime(60_000);
    expect(records).toEqual([]);
  });

  it('the severity of exited depends on the exit code', () => {
    const { lifecycle, records } = setUp();
    lifecycle.exited(1, 4);
    expect(records[1]).toMatchObject({
      eventName: 'swansong.process.exited',
      severityText: 'ERROR',
      severityNumber: SeverityNumber.ERROR,
      attributes: { 'process.exit.code': 1, 'swansong.spans.interrupted': 4, ...COUNTS },
    });
  });
});
