import { read } from '../../values/read.ts';
import type { ModelCall } from './ai-integration.ts';
import type { EndOperation } from './library.ts';

/** Calls of `streamText()` that are remembered at a time. One that nobody reads to its end may never end. */
const MAX_OPEN = 1000;

interface Open {
  readonly message: object;
  readonly end: EndOperation;
}

/** A call of `streamText()`: itself, and the call of the model that it waits for. */
interface Call {
  stream?: Open;
  model?: Open;
}

/** Streams whose answers are still coming in. */
export class OpenStreams {
  readonly #calls = new Map<string, Call>();
  readonly #reports = new WeakMap<object, ModelCall>();

  opened(message: object, end: EndOperation): void {
    const type = read(message, 'type');
    const id = callIdOf(message);
    if (id === undefined) return;
    if (type === 'streamText') {
      this.#calls.set(id, { stream: { message, end } });
      for (const [oldest, call] of this.#calls) {
        if (this.#calls.size <= MAX_OPEN) break;
        this.#close(oldest, call);
      }
    } else if (type === 'languageModelCall') {
      const call = this.#calls.get(id);
      if (call !== undefined) call.model = { message, end };
    }
  }

  /** The answer of a model is complete. @returns what was published of its call, undefined if it was not streamed */
  report(report: ModelCall): object | undefined {
    const call = this.#calls.get(report.callId);
    if (call?.model === undefined) return undefined;
    const { message } = call.model;
    this.#reports.set(message, report);
    call.model.end();
    delete call.model;
    // If nobody reads what it has answered, nothing else tells that this was the end.
    if (report.finishReason !== 'tool-calls') this.#close(report.callId, call);
    return message;
  }

  /** A step of `streamText()`, or all of it, has ended: so has the call of the model. */
  ended(message: object): void {
    const id = callIdOf(message);
    const call = id === undefined ? undefined : this.#calls.get(id);
    if (id === undefined || call === undefined) return;
    call.model?.end('error' in message ? { error: message.error } : undefined);
    delete call.model;
    if (read(message, 'type') === 'streamText') this.#calls.delete(id);
  }

  reported(message: object): ModelCall | undefined {
    return this.#reports.get(message);
  }

  #close(id: string, { model, stream }: Call): void {
    model?.end();
    stream?.end();
    this.#calls.delete(id);
  }
}

function callIdOf(message: object): string | undefined {
  const id = read(read(message, 'event'), 'callId');
  return typeof id === 'string' ? id : undefined;
}
