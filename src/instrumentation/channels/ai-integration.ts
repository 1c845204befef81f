import { diag } from '@opentelemetry/api';
import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';

/** What the AI SDK tells of a call of a model that has ended. */
export interface ModelCall {
  readonly callId: string;
  /** What the provider calls the model that has answered. */
  readonly responseModelId?: unknown;
  readonly responseId?: unknown;
  readonly finishReason?: unknown;
  readonly usage?: unknown;
  readonly content?: unknown;
}

const KEY = 'AI_SDK_TELEMETRY_INTEGRATIONS';

/**
 * The end of a stream is not published on the channel. `registerTelemetry()` of the AI SDK is for that; it adds to a list at the
 * global object, and so does this, since the application's copy of the SDK cannot be imported from here.
 */
export function listenToModels(onEnd: (call: ModelCall) => void): void {
  const present: unknown = Reflect.get(globalThis, KEY);
  const integrations: unknown[] = Array.isArray(present) ? present : [];
  const tell = (event: unknown): void => {
    try {
      const callId = read(event, 'callId');
      if (!isObject(event) || typeof callId !== 'string') return;
      onEnd({
        callId,
        responseModelId: read(event, 'modelId'),
        responseId: read(event, 'responseId'),
        finishReason: read(event, 'finishReason'),
        usage: read(event, 'usage'),
        content: read(event, 'content'),
      });
    } catch (error) {
      diag.error('the instrumentation of ai failed', error);
    }
  };
  integrations.push({ onLanguageModelCallEnd: tell });
  if (present !== integrations)
    Object.defineProperty(globalThis, KEY, { value: integrations, configurable: true, writable: true });
}
