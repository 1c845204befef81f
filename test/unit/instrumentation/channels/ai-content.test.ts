import { generateText, isStepCount, jsonSchema, streamText, tool } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { expect, it } from 'vitest';
import { AI } from '../../../../src/instrumentation/channels/ai.ts';
import { inRequest, instrument, recordedSpans } from './recorded.ts';

instrument(AI, true);

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};
const stop = { unified: 'stop', raw: 'stop' } as const;

/** The attributes that hold content, parsed where they are JSON. */
function contents(): unknown[] {
  return recordedSpans().map((span) => {
    const { name, attributes } = Object(span);
    const said = Object.entries(attributes).filter(([key]) => /messages|instructions|arguments|result/.test(key));
    return [name, Object.fromEntries(said.map(([key, value]) => [key, parsed(String(value))]))];
  });
}

function parsed(text: string): unknown {
  return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text;
}

it('what is said is recorded where it is asked for', async () => {
  let calls = 0;
  const model = new MockLanguageModelV4({
    modelId: 'm',
    doGenerate: async () => {
      calls += 1;
      return calls === 1
        ? {
            content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{"city":"Oslo"}' }],
            finishReason: { unified: 'tool-calls', raw: 'tool_calls' },
            usage,
            warnings: [],
          }
        : { content: [{ type: 'text', text: 'Take a coat.' }], finishReason: stop, usage, warnings: [] };
    },
  });
  const weather = tool({
    inputSchema: jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } } }),
    execute: async () => 'snow',
  });
  await inRequest('POST /chat', () =>
    generateText({ model, instructions: 'Be short.', prompt: 'A coat?', tools: { weather }, stopWhen: isStepCount(2) }),
  );
  const asked = { role: 'user', parts: [{ type: 'text', content: 'A coat?' }] };
  const instructions = [{ type: 'text', content: 'Be short.' }];
  expect(contents()).toMatchObject([
    [
      'chat m',
      {
        'gen_ai.system_instructions': instructions,
        'gen_ai.input.messages': [asked],
        'gen_ai.output.messages': [
          {
            role: 'assistant',
            parts: [{ type: 'tool_call', id: 'c', name: 'weather', arguments: '{"city":"Oslo"}' }],
            finish_reason: 'tool-calls',
          },
        ],
      },
    ],
    ['execute_tool weather', { 'gen_ai.tool.call.arguments': { city: 'Oslo' }, 'gen_ai.tool.call.result': 'snow' }],
    [
      'chat m',
      {
        'gen_ai.input.messages': [
          asked,
          { role: 'assistant', parts: [{ type: 'tool_call', id: 'c', name: 'weather', arguments: { city: 'Oslo' } }] },
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c' }] },
        ],
        'gen_ai.output.messages': [
          { role: 'assistant', parts: [{ type: 'text', content: 'Take a coat.' }], finish_reason: 'stop' },
        ],
      },
    ],
    ['invoke_agent', {}],
  ]);
});

it('a call that asks for no record of it has none', async () => {
  const model = new MockLanguageModelV4({
    modelId: 'm',
    doGenerate: async () => ({ content: [{ type: 'text', text: 'secret' }], finishReason: stop, usage, warnings: [] }),
  });
  await inRequest('POST /chat', () =>
    generateText({ model, prompt: 'secret', telemetry: { recordInputs: false, recordOutputs: false } }),
  );
  expect(JSON.stringify(recordedSpans())).not.toContain('secret');
});

it('what is streamed is recorded when it is complete', async () => {
  const model = new MockLanguageModelV4({
    modelId: 'm',
    doStream: async () => ({
      stream: ReadableStream.from([
        { type: 'text-start' as const, id: '1' },
        { type: 'text-delta' as const, id: '1', delta: 'Take ' },
        { type: 'text-delta' as const, id: '1', delta: 'a coat.' },
        { type: 'text-end' as const, id: '1' },
        { type: 'finish' as const, finishReason: stop, usage },
      ]),
    }),
  });
  await inRequest('POST /chat', async () => {
    for await (const _piece of streamText({ model, prompt: 'A coat?' }).textStream);
  });
  expect(contents()).toMatchObject([
    [
      'chat m',
      {
        'gen_ai.output.messages': [{ parts: [{ type: 'text', content: 'Take a coat.' }], finish_reason: 'stop' }],
      },
    ],
    ['invoke_agent', {}],
  ]);
});
