import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { embed, generateText, isStepCount, jsonSchema, streamText, tool } from 'ai';
import { MockEmbeddingModelV4, MockLanguageModelV4 } from 'ai/test';
import { describe, expect, it } from 'vitest';
import { AI } from '../../../../src/instrumentation/channels/ai.ts';
import { activeName, inRequest, instrument, recordedDurations, recordedSpans } from './recorded.ts';

instrument(AI);

const SECRET = 'swordfish';
const UNSET = { code: SpanStatusCode.UNSET };
const ERROR = { code: SpanStatusCode.ERROR };
const usage = {
  inputTokens: { total: 10, noCache: 8, cacheRead: 2, cacheWrite: 0 },
  outputTokens: { total: 5, text: 4, reasoning: 1 },
};
const stop = { unified: 'stop', raw: 'stop' } as const;
const text = { content: [{ type: 'text' as const, text: SECRET }], finishReason: stop, usage, warnings: [] };
const toolCall = {
  type: 'tool-call' as const,
  toolCallId: 'call-1',
  toolName: 'weather',
  input: `{"city":"${SECRET}"}`,
};

type StreamPart =
  Awaited<ReturnType<MockLanguageModelV4['doStream']>>['stream'] extends ReadableStream<infer Part> ? Part : never;

const answer: StreamPart[] = [
  { type: 'stream-start', warnings: [] },
  { type: 'response-metadata', id: 'response-1', modelId: 'gpt-x-2026' },
  { type: 'text-start', id: '1' },
  { type: 'text-delta', id: '1', delta: SECRET },
  { type: 'text-end', id: '1' },
  { type: 'finish', finishReason: stop, usage },
];

const streaming = (parts: StreamPart[]) =>
  new MockLanguageModelV4({
    provider: 'openai.responses',
    modelId: 'gpt-x',
    doStream: async () => ({ stream: ReadableStream.from(parts) }),
  });

const seen: unknown[] = [];
const weather = tool({
  description: SECRET,
  inputSchema: jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } } }),
  execute: async () => {
    seen.push(activeName());
    return SECRET;
  },
});

const MODEL = { 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-x' };
const CHAT = { 'gen_ai.operation.name': 'chat', ...MODEL };
const USAGE = {
  'gen_ai.usage.input_tokens': 10,
  'gen_ai.usage.output_tokens': 5,
  'gen_ai.usage.cache_read.input_tokens': 2,
  'gen_ai.usage.cache_creation.input_tokens': 0,
  'gen_ai.usage.reasoning.output_tokens': 1,
};
const agent = {
  name: 'invoke_agent',
  kind: SpanKind.INTERNAL,
  parent: 'POST /chat',
  attributes: { 'gen_ai.operation.name': 'invoke_agent', ...MODEL },
  status: UNSET,
};

describe('generateText()', () => {
  it('has a span, and one for each call of the model and of a tool, without what is said', async () => {
    let calls = 0;
    const model = new MockLanguageModelV4({
      provider: 'openai.responses',
      modelId: 'gpt-x',
      doGenerate: async () => {
        calls += 1;
        seen.push(activeName());
        return calls === 1
          ? { ...text, content: [toolCall], finishReason: { unified: 'tool-calls', raw: 'tool_calls' } }
          : { ...text, response: { id: 'response-2', modelId: 'gpt-x-2026' } };
      },
    });
    seen.length = 0;
    await inRequest('POST /chat', () =>
      generateText({
        model,
        instructions: SECRET,
        prompt: SECRET,
        tools: { weather },
        temperature: 0.5,
        maxOutputTokens: 100,
        stopSequences: [SECRET],
        telemetry: { functionId: 'forecast' },
        stopWhen: isStepCount(3),
      }),
    );
    const chat = {
      name: 'chat gpt-x',
      kind: SpanKind.CLIENT,
      parent: 'invoke_agent forecast',
      status: UNSET,
    };
    const request = { ...CHAT, 'gen_ai.request.max_tokens': 100, 'gen_ai.request.temperature': 0.5 };
    const recorded = { seen, spans: recordedSpans(), metrics: await recordedDurations() };
    expect(recorded).toEqual({
      seen: ['chat gpt-x', 'execute_tool weather', 'chat gpt-x'],
      spans: [
        { ...chat, attributes: { ...request, ...USAGE, 'gen_ai.response.finish_reasons': ['tool-calls'] } },
        {
          name: 'execute_tool weather',
          kind: SpanKind.INTERNAL,
          parent: 'invoke_agent forecast',
          attributes: {
            'gen_ai.operation.name': 'execute_tool',
            'gen_ai.tool.type': 'function',
            'gen_ai.tool.name': 'weather',
            'gen_ai.tool.call.id': 'call-1',
          },
          status: UNSET,
        },
        {
          ...chat,
          attributes: {
            ...request,
            ...USAGE,
            'gen_ai.response.finish_reasons': ['stop'],
            'gen_ai.response.id': 'response-2',
            'gen_ai.response.model': 'gpt-x-2026',
          },
        },
        {
          ...agent,
          name: 'invoke_agent forecast',
          attributes: { ...agent.attributes, 'gen_ai.agent.name': 'forecast' },
        },
      ],
      metrics: [
        { name: 'gen_ai.client.operation.duration', attributes: CHAT, count: 2 },
        { name: 'gen_ai.client.token.usage', attributes: { ...CHAT, 'gen_ai.token.type': 'input' }, count: 2 },
        { name: 'gen_ai.client.token.usage', attributes: { ...CHAT, 'gen_ai.token.type': 'output' }, count: 2 },
      ],
    });
    expect(JSON.stringify(recorded)).not.toContain(SECRET);
  });

  it('that fails says so on the call and on the whole', async () => {
    const model = new MockLanguageModelV4({
      doGenerate: async () => {
        throw new TypeError(SECRET);
      },
    });
    await expect(inRequest('POST /chat', () => generateText({ model, prompt: SECRET, maxRetries: 0 }))).rejects.toThrow(
      SECRET,
    );
    const spans = recordedSpans();
    expect(spans).toMatchObject([
      { name: 'chat mock-model-id', status: ERROR, attributes: { 'error.type': 'TypeError' } },
      { name: 'invoke_agent', status: ERROR, attributes: { 'error.type': 'TypeError' } },
    ]);
    expect(JSON.stringify(spans)).not.toContain(SECRET);
  });

  it('outside of a request has no span, but a duration and its tokens', async () => {
    const model = new MockLanguageModelV4({ modelId: 'm', provider: 'p', doGenerate: async () => text });
    await generateText({ model, prompt: SECRET });
    expect({ spans: recordedSpans(), metrics: await recordedDurations() }).toMatchObject({
      spans: [],
      metrics: [{ count: 1 }, { count: 1 }, { count: 1 }],
    });
  });

  it('with telemetry that is off has nothing', async () => {
    const model = new MockLanguageModelV4({ doGenerate: async () => text });
    await inRequest('POST /chat', () => generateText({ model, prompt: SECRET, telemetry: { isEnabled: false } }));
    expect([recordedSpans(), await recordedDurations()]).toEqual([[], []]);
  });
});

describe('streamText()', () => {
  const streamed = {
    name: 'chat gpt-x',
    kind: SpanKind.CLIENT,
    parent: 'invoke_agent',
    attributes: {
      ...CHAT,
      ...USAGE,
      'gen_ai.request.stream': true,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.id': 'response-1',
      'gen_ai.response.model': 'gpt-x-2026',
    },
    status: UNSET,
  };

  it('has spans until the end of its stream', async () => {
    const pieces: string[] = [];
    await inRequest('POST /chat', async () => {
      const { textStream } = streamText({ model: streaming(answer), prompt: SECRET });
      for await (const piece of textStream) pieces.push(piece);
    });
    const recorded = { spans: recordedSpans(), metrics: await recordedDurations() };
    expect(recorded).toEqual({
      spans: [streamed, agent],
      metrics: [
        { name: 'gen_ai.client.operation.duration', attributes: CHAT, count: 1 },
        { name: 'gen_ai.client.token.usage', attributes: expect.objectContaining(CHAT), count: 1 },
        { name: 'gen_ai.client.token.usage', attributes: expect.objectContaining(CHAT), count: 1 },
      ],
    });
    expect([pieces, JSON.stringify(recorded).includes(SECRET)]).toEqual([[SECRET], false]);
  });

  it('that nobody reads on has spans until the model has answered', async () => {
    await inRequest('POST /chat', async () => {
      const { textStream } = streamText({ model: streaming(answer), prompt: SECRET });
      for await (const _piece of textStream) break;
    });
    await expect.poll(recordedSpans).toEqual([streamed, agent]);
  });

  it('outside of a request has no span, but a duration and its tokens', async () => {
    for await (const _piece of streamText({ model: streaming(answer), prompt: SECRET }).textStream);
    expect({ spans: recordedSpans(), metrics: await recordedDurations() }).toMatchObject({
      spans: [],
      metrics: [{ count: 1 }, { count: 1 }, { count: 1 }],
    });
  });

  it('that is aborted ends, too, and has not failed', async () => {
    const controller = new AbortController();
    const stream = new ReadableStream<StreamPart>({
      start: (writer) => answer.slice(0, 4).forEach((part) => writer.enqueue(part)),
    });
    const model = new MockLanguageModelV4({ modelId: 'gpt-x', doStream: async () => ({ stream }) });
    await inRequest('POST /chat', async () => {
      const { textStream } = streamText({ model, prompt: SECRET, abortSignal: controller.signal, onError: () => {} });
      for await (const _piece of textStream) controller.abort();
    });
    await expect
      .poll(() => recordedSpans().toSorted((one, other) => Object(one).name.localeCompare(Object(other).name)))
      .toMatchObject([
        { name: 'chat gpt-x', status: UNSET },
        { name: 'invoke_agent', status: UNSET },
      ]);
  });
});

it('embeddings have a span and their tokens, without the values', async () => {
  const model = new MockEmbeddingModelV4({
    provider: 'google.vertex.embedding',
    modelId: 'embed-1',
    doEmbed: async () => ({ embeddings: [[1, 2]], usage: { tokens: 3 }, warnings: [] }),
  });
  await inRequest('POST /chat', () => embed({ model, value: SECRET }));
  const attributes = {
    'gen_ai.operation.name': 'embeddings',
    'gen_ai.provider.name': 'gcp.vertex_ai',
    'gen_ai.request.model': 'embed-1',
  };
  expect({ spans: recordedSpans(), metrics: await recordedDurations() }).toEqual({
    spans: [
      {
        name: 'embeddings embed-1',
        kind: SpanKind.CLIENT,
        parent: 'POST /chat',
        attributes: { ...attributes, 'gen_ai.usage.input_tokens': 3 },
        status: UNSET,
      },
    ],
    metrics: [
      { name: 'gen_ai.client.operation.duration', attributes, count: 1 },
      { name: 'gen_ai.client.token.usage', attributes: { ...attributes, 'gen_ai.token.type': 'input' }, count: 1 },
    ],
  });
});
