import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runFixture } from '../support/run-fixture.ts';

const NO_METRICS = { OTEL_METRICS_EXPORTER: 'none' };
const COUNTS = { 'swansong.log_records.delivered': 0, 'swansong.log_records.dropped': 0, 'swansong.spans.dropped': 0 };

describe('lifecycle events', () => {
  it('started, stopping with a reason, stopped', async () => {
    const backend = await startBackend();
    const env = { ...NO_METRICS, OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
    const { stdout, ...end } = await runFixture({ program: 'stop-for-a-reason.mjs', args: ['SIGTERM'], env });
    expect({
      ...end,
      stdout: stdout.replace(/\d+ ms/, 'N ms'),
      received: backend.acknowledgedLogRecords().map(({ eventName, body, severityText, attributes, traceId }) => {
        return { eventName, body, severityText, attributes, traceId };
      }),
    }).toEqual({
      code: 0,
      signal: null,
      stderr: '',
      stdout: 'ended cleanly in N ms; telemetry: delivered 2 spans, 3 log records, 0 collections of metrics\n',
      received: [
        {
          eventName: 'swansong.process.started',
          body: 'the process has started',
          severityText: 'INFO',
          attributes: { 'process.uptime': expect.any(Number) },
          traceId: '',
        },
        {
          eventName: 'swansong.process.stopping',
          body: 'the process is stopping: SIGTERM',
          severityText: 'INFO',
          attributes: {
            'swansong.shutdown.reason': 'SIGTERM',
            'swansong.shutdown.signal': 'SIGTERM',
            'process.uptime': expect.any(Number),
          },
          traceId: '',
        },
        {
          eventName: 'swansong.process.stopped',
          body: 'the process has stopped: SIGTERM',
          severityText: 'INFO',
          attributes: {
            'swansong.shutdown.reason': 'SIGTERM',
            'swansong.shutdown.signal': 'SIGTERM',
            'process.uptime': expect.any(Number),
            ...COUNTS,
            'swansong.spans.accepted': 2,
            'swansong.spans.delivered': 1,
            'swansong.log_records.accepted': 2,
            'swansong.log_records.delivered': 2,
          },
          traceId: '',
        },
      ],
    });
  });

  it('a short process without other telemetry sends none', async () => {
    const backend = await startBackend();
    const env = { ...NO_METRICS, OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
    expect({
      ...(await runFixture({ program: 'endings/exit-without-telemetry.mjs', env })),
      requests: backend.requests.length,
    }).toEqual({ code: 3, signal: null, stdout: '', stderr: '', requests: 0 });
  });

  it('exited with the exit code after a crash', async () => {
    const backend = await startBackend();
    const env = { ...NO_METRICS, OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
    expect(await runFixture({ program: 'crash.mjs', env })).toMatchObject({ code: 1 });
    expect(
      backend.acknowledgedLogRecords().find(({ eventName }) => eventName === 'swansong.process.exited'),
    ).toMatchObject({
      severityText: 'ERROR',
      attributes: {
        'process.exit.code': 1,
        'process.uptime': expect.any(Number),
        'swansong.spans.accepted': 2,
        'swansong.spans.interrupted': 1,
      },
    });
  });
});
