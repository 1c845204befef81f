import { type Attributes, type Context, type Link, type SpanKind, trace } from '@opentelemetry/api';
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace';
import type { StartedSpans } from './observe-sdk.ts';

const ORIGINS: readonly StartedSpans['origin'][] = ['none', 'local', 'remote'];
const RESULTS: Readonly<Record<SamplingDecision, StartedSpans['result']>> = {
  [SamplingDecision.NOT_RECORD]: 'DROP',
  [SamplingDecision.RECORD]: 'RECORD_ONLY',
  [SamplingDecision.RECORD_AND_SAMPLED]: 'RECORD_AND_SAMPLE',
};

/** Counts the decisions of a sampler. Only a sampler sees every span: those that are not recorded reach no processor. */
export class CountingSampler implements Sampler {
  readonly #sampler: Sampler;
  readonly #counts = new Map<StartedSpans['origin'], Map<SamplingDecision, number>>(
    ORIGINS.map((origin) => [origin, new Map()]),
  );

  constructor(sampler: Sampler) {
    this.#sampler = sampler;
  }

  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    const result = this.#sampler.shouldSample(context, traceId, spanName, spanKind, attributes, links);
    const parent = trace.getSpanContext(context);
    const origin = parent === undefined ? 'none' : parent.isRemote === true ? 'remote' : 'local';
    const counts = this.#counts.get(origin);
    counts?.set(result.decision, (counts.get(result.decision) ?? 0) + 1);
    return result;
  }

  toString(): string {
    return this.#sampler.toString();
  }

  started(): StartedSpans[] {
    return [...this.#counts].flatMap(([origin, counts]) =>
      [...counts].map(([decision, count]) => ({ origin, result: RESULTS[decision], count })),
    );
  }
}
