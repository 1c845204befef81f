import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Deadline } from '../deadline/deadline.ts';
import { appendSync } from '../jsonl/append-sync.ts';
import { JsonlFile } from '../jsonl/jsonl-file.ts';
import type { DeliveryResult } from '../outbox/delivery.ts';
import { metricsEncoding } from '../otlp/otlp-encoding.ts';
import { toError } from '../values/to-error.ts';
import { otlpFileLine } from './otlp-file-line.ts';

export interface MetricsFileOptions {
  /** Absolute. */
  readonly path: string;
  readonly maxBytes: number;
  readonly maxTotalBytes: number;
}

const DELIVERED: DeliveryResult = { status: 'delivered', rejected: 0, message: '' };

/** Appends collections to a file of JSON lines (OTLP). What cannot be written stays in the outbox, which tries again. */
export class MetricsFile {
  readonly #options: MetricsFileOptions;
  readonly #encoding = metricsEncoding('http/json');
  #opening: Promise<JsonlFile> | undefined;

  constructor(options: MetricsFileOptions) {
    this.#options = options;
  }

  /** Creates the file and its folders, so that an error is known at start. @returns the error */
  async open(): Promise<Error | undefined> {
    try {
      await this.#file();
      return undefined;
    } catch (error) {
      return toError(error);
    }
  }

  async deliver(collections: readonly ResourceMetrics[]): Promise<DeliveryResult> {
    try {
      const file = await this.#file();
      for (const appended of await Promise.all(this.#lines(collections).map((line) => file.append(line)))) {
        if (appended.ok) continue;
        const { reason, error } = appended;
        return reason === 'too-long'
          ? { status: 'too_large', error }
          : { status: 'failed', error, retryAfterMillis: 0 };
      }
      return DELIVERED;
    } catch (error) {
      return { status: 'failed', error: toError(error), retryAfterMillis: 0 };
    }
  }

  /** For the `exit` event, after which nothing asynchronous runs. @throws the error of the file system */
  deliverSync(collections: readonly ResourceMetrics[]): void {
    const { path, maxBytes: rotateBytes, maxTotalBytes } = this.#options;
    appendSync(this.#lines(collections), { path, rotateBytes, maxTotalBytes });
  }

  async close(deadline: Deadline): Promise<void> {
    if (this.#opening === undefined) return;
    const opened = await deadline.race(this.#opening.catch(() => undefined));
    if (!opened.expired) await opened.value?.close(deadline);
  }

  #lines(collections: readonly ResourceMetrics[]): readonly Buffer[] {
    return collections.map((collection) => otlpFileLine(this.#encoding.serialize([collection])));
  }

  #file(): Promise<JsonlFile> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<JsonlFile> {
    const { path, maxBytes: rotateBytes, maxTotalBytes } = this.#options;
    try {
      return await JsonlFile.open({ path, rotateBytes, maxTotalBytes });
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }
}
