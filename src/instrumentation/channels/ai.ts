import { type Attributes, type Histogram, type Meter, type MetricOptions, SpanKind } from '@opentelemetry/api';
import { read } from '../../values/read.ts';
import { dependsOn } from '../../application/application-dependencies.ts';
import { errorType } from '../../errors/error-type.ts';
import { isObject } from '../../values/is-object.ts';
import { subscribe } from '../subscribe.ts';
import { inputContent, outputContent, toolContent } from './ai-content.ts';
import { listenToModels, type ModelCall } from './ai-integration.ts';
import { modelAttributes, requestAttributes, responseAttributes, usageOf } from './ai-model.ts';
import { OpenStreams } from './ai-streams.ts';
import type { EndOperation, Library, Operation, TracedChannel } from './library.ts';

const CHANNEL = 'ai:telemetry';

/** What the AI SDK calls the operations that ask a model once, and how the semantic conventions do. */
const CALLS: ReadonlyMap<unknown, string> = new Map([
  ['languageModelCall', 'chat'],
  ['embed', 'embeddings'],
  ['embedMany', 'embeddings'],
  ['rerank', 'rerank'],
  ['generateSpeech', 'generate_content'],
  ['transcribe', 'generate_content'],
]);

const streams = new OpenStreams();

function traced(withContent: boolean): TracedChannel {
  const describe = (message: object): Operation | undefined => {
    const event = read(message, 'event');
    const type = read(message, 'type');
    const call = CALLS.get(type);
    if (call !== undefined) return describeCall(call, event, withContent && type === 'languageModelCall');
    if (type === 'executeTool') return describeTool(event, withContent);
    // A loop of asking the model and calling tools, as often as the model wants it.
    if (type === 'generateText' || type === 'streamText') return describeAgent(event);
    return undefined;
  };

  const outcome = (message: object): Attributes => {
    const result = read(message, 'result');
    const type = read(message, 'type');
    if (type === 'executeTool') {
      const output = read(read(result, 'output'), 'output');
      return withContent ? toolContent('gen_ai.tool.call.result', output) : {};
    }
    if (!CALLS.has(type)) return {};
    const streamed = streams.reported(message);
    const content = streamed?.content ?? read(result, 'content');
    return {
      ...responseAttributes(streamed ?? result),
      ...(isStream(message) ? { 'gen_ai.request.stream': true } : {}),
      ...(withContent ? outputContent(content, finishReasonOf(streamed ?? result)) : {}),
    };
  };

  return {
    channel: CHANNEL,
    span: {
      kind: SpanKind.CLIENT,
      describe,
      outcome,
      started: (message: object, end: EndOperation) => streams.opened(message, end),
      continues: (message: object) => read(message, 'type') === 'languageModelCall' && isStream(message),
      // Aborted by the application.
      failure: (error) =>
        read(error, 'name') === 'AbortError' ? undefined : { attributes: { 'error.type': errorType(error) } },
      failedResult: (message: object) => {
        const result = read(message, 'result');
        // A tool's error is an answer to the model.
        if (read(read(result, 'output'), 'type') === 'tool-error')
          return { attributes: { 'error.type': 'tool_error' } };
        return streams.reported(message)?.finishReason === 'error'
          ? { attributes: { 'error.type': '_OTHER' } }
          : undefined;
      },
    },
  };
}

function describeCall(operation: string, event: unknown, withContent: boolean): Operation {
  const model = modelAttributes(operation, event);
  return {
    name: `${operation} ${String(model['gen_ai.request.model'])}`,
    attributes: { ...model, ...requestAttributes(event), ...(withContent ? inputContent(event) : {}) },
    measured: model,
  };
}

function describeTool(event: unknown, withContent: boolean): Operation {
  const call = read(event, 'toolCall');
  const name = read(call, 'toolName');
  const id = read(call, 'toolCallId');
  return {
    name: `execute_tool ${String(name)}`,
    kind: SpanKind.INTERNAL,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.type': 'function',
      ...(typeof name === 'string' ? { 'gen_ai.tool.name': name } : {}),
      ...(typeof id === 'string' ? { 'gen_ai.tool.call.id': id } : {}),
      ...(withContent ? toolContent('gen_ai.tool.call.arguments', read(call, 'input')) : {}),
    },
  };
}

function describeAgent(event: unknown): Operation {
  // What the application calls it: `telemetry: { functionId }`.
  const agent = read(event, 'functionId');
  const model = modelAttributes('invoke_agent', event);
  return {
    name: typeof agent === 'string' ? `invoke_agent ${agent}` : 'invoke_agent',
    kind: SpanKind.INTERNAL,
    attributes: { ...model, ...(typeof agent === 'string' ? { 'gen_ai.agent.name': agent } : {}) },
  };
}

function isStream(message: object): boolean {
  return isObject(read(read(message, 'result'), 'stream'));
}

function finishReasonOf(result: unknown): unknown {
  const reason = read(result, 'finishReason');
  return read(reason, 'unified') ?? reason;
}

const TOKEN_USAGE = 'gen_ai.client.token.usage';
const TOKENS: MetricOptions = {
  description: 'Number of input and output tokens used.',
  unit: '{token}',
  advice: {
    explicitBucketBoundaries: [
      1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
    ],
  },
};

function observe(_tracer: unknown, meter: Meter): void {
  let created: Histogram | undefined;
  const tokens = (): Histogram => (created ??= meter.createHistogram(TOKEN_USAGE, TOKENS));
  subscribe(`tracing:${CHANNEL}:asyncEnd`, (message) => {
    const operation = CALLS.get(read(message, 'type'));
    if (operation === undefined) streams.ended(message);
    else if (!isStream(message)) countTokens(tokens(), operation, read(message, 'event'), read(message, 'result'));
  });
  const listen = (): void =>
    listenToModels((call: ModelCall) => {
      // Of a call that does not stream, the channel has everything.
      const message = streams.report(call);
      if (message !== undefined) countTokens(tokens(), 'chat', read(message, 'event'), call);
    });
  // Not in every process, since it can be seen at the global object. The SDK looks there before it publishes: where it is somebody
  // else's dependency, its first stream has no tokens.
  let listens = dependsOn('ai');
  if (listens) listen();
  subscribe(`tracing:${CHANNEL}:start`, () => {
    if (listens) return;
    listens = true;
    listen();
  });
}

function countTokens(tokens: Histogram, operation: string, event: unknown, result: unknown): void {
  const model = modelAttributes(operation, event);
  const { input, output } = usageOf(result);
  if (input !== undefined) tokens.record(input, { ...model, 'gen_ai.token.type': 'input' });
  if (output !== undefined) tokens.record(output, { ...model, 'gen_ai.token.type': 'output' });
}

export const AI: Library = {
  name: 'ai',
  packageName: 'ai',
  versions: '>=7.0.0',
  channels: [traced(false)],
  channelsWithContent: [traced(true)],
  duration: {
    name: 'gen_ai.client.operation.duration',
    description: 'GenAI operation duration.',
    unit: 's',
    advice: {
      explicitBucketBoundaries: [
        0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
      ],
    },
  },
  observation: { channels: [CHANNEL], start: observe },
};
