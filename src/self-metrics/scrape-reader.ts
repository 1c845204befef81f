import { AggregationTemporality, type CollectionResult, MetricReader } from '@opentelemetry/sdk-metrics';

/** Milliseconds that an asynchronous observable gets: who scrapes waits for it. */
const COLLECT_TIMEOUT_MILLIS = 2000;

/** Collects when it is asked. Requests that come meanwhile share one collection. */
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
    // Nothing waits here.
  }

  protected override async onShutdown(): Promise<void> {
    // Nothing waits here.
  }
}
