import { streamText } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { expect, it } from 'vitest';
import { AI } from '../../../../src/instrumentation/channels/ai.ts';
import { inRequest, instrument, recordedSpans } from './recorded.ts';

it('where the application does not depend on the SDK, its first stream has spans without tokens', async () => {
  const key = 'AI_SDK_TELEMETRY_INTEGRATIONS';
  instrument(AI);
  const before = Reflect.has(globalThis, key);
  const usage = {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  };
  const model = new MockLanguageModelV4({
    modelId: 'm',
    doStream: async () => ({
      stream: ReadableStream.from([
        { type: 'text-start' as const, id: '1' },
        { type: 'text-delta' as const, id: '1', delta: 'hello' },
        { type: 'text-end' as const, id: '1' },
        { type: 'finish' as const, finishReason: { unified: 'stop' as const, raw: 'stop' }, usage },
      ]),
    }),
  });
  const read = async (): Promise<void> => {
    for await (const _piece of streamText({ model, prompt: 'hi' }).textStream);
  };
  await inRequest('first', read);
  await inRequest('second', read);
  const spans = recordedSpans().map((span) => {
    const { name, attributes } = Object(span);
    return [name, attributes['gen_ai.usage.input_tokens']];
  });
  expect({ before, after: Reflect.has(globalThis, key), spans }).toEqual({
    before: false,
    after: true,
    spans: expect.arrayContaining([
      ['chat m', undefined],
      ['invoke_agent', undefined],
      ['chat m', 1],
      ['invoke_agent', undefined],
    ]),
  });
});
