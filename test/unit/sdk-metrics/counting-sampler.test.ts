import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from '@opentelemetry/api';
import { AlwaysOnSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { CountingSampler } from '../../../src/sdk-metrics/counting-sampler.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const within = (traceFlags: TraceFlags, isRemote: boolean) =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE_ID, spanId: 'b7ad6b7169203331', traceFlags, isRemote });

describe('CountingSampler', () => {
  it('counts by origin of the parent and decision, and does not change the decision', () => {
    const sampler = new CountingSampler(new ParentBasedSampler({ root: new AlwaysOnSampler() }));
    expect(sampler.started()).toEqual([]);
    for (const context of [
      ROOT_CONTEXT,
      ROOT_CONTEXT,
      within(TraceFlags.SAMPLED, false),
      within(TraceFlags.NONE, true),
    ]) {
      sampler.shouldSample(context, TRACE_ID, 'span', SpanKind.INTERNAL, {}, []);
    }
    expect(sampler.started()).toEqual([
      { origin: 'none', result: 'RECORD_AND_SAMPLE', count: 2 },
      { origin: 'local', result: 'RECORD_AND_SAMPLE', count: 1 },
      { origin: 'remote', result: 'DROP', count: 1 },
    ]);
    expect(String(sampler)).toContain('ParentBased');
  });
});
