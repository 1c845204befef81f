import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Deadline } from '../deadline/deadline.ts';
import { appendSync } from '../jsonl/append-sync.ts';
import { JsonlFile } from '../jsonl/jsonl-file.ts';
import { type DeliveryResult, withInvalid } from '../outbox/delivery.ts';
import { encodeBatch } from '../otlp/encode-batch.ts';
import { metricsEncoding } from '../otlp/otlp-encoding.ts';
import { toError } from '../values/thrown.ts';

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

  /** @param collections one: see CollectionExporter */
  async deliver(collections: readonly ResourceMetrics[]): Promise<DeliveryResult> {
    try {
      const file = await this.#file();
      const encoded = encodeBatch(this.#encoding, collections);
      if (encoded.status === 'invalid') return encoded;
      const appended = await file.append(toLine(encoded.bytes));
      if (appended.ok) return withInvalid(DELIVERED, encoded.invalid);
      const { reason, error } = appended;
      return reason === 'too-long' ? { status: 'too_large', error } : { status: 'failed', error, retryAfterMillis: 0 };
    } catch (error) {
      return { status: 'failed', error: toError(error), retryAfterMillis: 0 };
    }
  }

  /** For the `exit` event, after which nothing asynchronous runs. @throws the error of the file system */
  deliverSync(collections: readonly ResourceMetrics[]): void {
    const { path, maxBytes: rotateBytes, maxTotalBytes } = this.#options;
    const encoded = collections.map((collection) => encodeBatch(this.#encoding, [collection]));
    const lines = encoded.flatMap((batch) => (batch.status === 'encoded' ? [toLine(batch.bytes)] : []));
    appendSync(lines, { path, rotateBytes, maxTotalBytes });
  }

  async close(deadline: Deadline): Promise<void> {
    if (this.#opening === undefined) return;
    const opened = await deadline.race(this.#opening.catch(() => undefined));
    if (!opened.expired) await opened.value?.close(deadline);
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

/** OTLP file format: `MetricsData` in the JSON mapping of OTLP, one a line. */
function toLine(json: Uint8Array): Buffer {
  return Buffer.concat([json, Buffer.from('\n')]);
}
