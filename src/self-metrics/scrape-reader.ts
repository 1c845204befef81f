import { AggregationTemporality, type CollectionResult, MetricReader } from '@opentelemetry/sdk-metrics';

/** Milliseconds after which a scrape does not wait any longer for asynchronous observables. */
const COLLECT_TIMEOUT_MILLIS = 2000;

/** Collects on demand. Calls during a running collection share its result. */
export class ScrapeReader extends MetricReader {
  #collecting: Promise<CollectionResult> | undefined;

  constructor() {
    super({
      aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
      otelComponentType: 'prometheus_http_text_metric_exporter',
    });
  }

  scrape(): Promise<CollectionResult> {
    this.#collecting ??= this.collect({ timeoutMillis: COLLECT_TIMEOUT_MILLIS }).finally(() => {
      this.#collecting = undefined;
    });
    return this.#collecting;
  }

  protected override async onForceFlush(): Promise<void> {
    // Nothing is buffered.
  }

  protected override async onShutdown(): Promise<void> {
    // Nothing is buffered.
  }
}
