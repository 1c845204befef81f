import type { Attributes } from '@opentelemetry/api';
import { read } from '../../values/read.ts';
import { providerName } from './ai-provider.ts';

/** Settings of a call that are numbers: how the AI SDK calls them, and how the semantic conventions do. */
const SETTINGS = [
  ['maxOutputTokens', 'gen_ai.request.max_tokens'],
  ['temperature', 'gen_ai.request.temperature'],
  ['topP', 'gen_ai.request.top_p'],
  ['topK', 'gen_ai.request.top_k'],
  ['frequencyPenalty', 'gen_ai.request.frequency_penalty'],
  ['presencePenalty', 'gen_ai.request.presence_penalty'],
  ['seed', 'gen_ai.request.seed'],
] as const;

/** Of low cardinality, for metrics too. */
export function modelAttributes(operation: string, event: unknown): Attributes {
  const provider = read(event, 'provider');
  const model = read(event, 'modelId');
  return {
    'gen_ai.operation.name': operation,
    ...(typeof provider === 'string' ? { 'gen_ai.provider.name': providerName(provider) } : {}),
    ...(typeof model === 'string' ? { 'gen_ai.request.model': model } : {}),
  };
}

export function requestAttributes(event: unknown): Attributes {
  const attributes: Attributes = {};
  for (const [setting, key] of SETTINGS) {
    const value = read(event, setting);
    if (typeof value === 'number') attributes[key] = value;
  }
  return attributes;
}

/** For the answer of a provider, whose counts have parts, and for what the AI SDK makes of it. */
export function usageOf(result: unknown): { input: number | undefined; output: number | undefined } {
  const usage = read(result, 'usage');
  return {
    input: total(read(usage, 'inputTokens')) ?? numberOf(read(usage, 'tokens')),
    output: total(read(usage, 'outputTokens')),
  };
}

export function responseAttributes(result: unknown): Attributes {
  const response = read(result, 'response');
  const id = read(response, 'id') ?? read(result, 'responseId');
  const model = read(response, 'modelId') ?? read(result, 'responseModelId');
  const reason = read(result, 'finishReason');
  const finish = read(reason, 'unified') ?? reason;
  const usage = read(result, 'usage');
  const { input, output } = usageOf(result);
  const cacheRead = numberOf(
    read(read(usage, 'inputTokens'), 'cacheRead') ?? read(read(usage, 'inputTokenDetails'), 'cacheReadTokens'),
  );
  const cacheWrite = numberOf(
    read(read(usage, 'inputTokens'), 'cacheWrite') ?? read(read(usage, 'inputTokenDetails'), 'cacheWriteTokens'),
  );
  const reasoning = numberOf(
    read(read(usage, 'outputTokens'), 'reasoning') ?? read(read(usage, 'outputTokenDetails'), 'reasoningTokens'),
  );
  return {
    ...(typeof id === 'string' ? { 'gen_ai.response.id': id } : {}),
    ...(typeof model === 'string' ? { 'gen_ai.response.model': model } : {}),
    ...(typeof finish === 'string' ? { 'gen_ai.response.finish_reasons': [finish] } : {}),
    ...(input === undefined ? {} : { 'gen_ai.usage.input_tokens': input }),
    ...(output === undefined ? {} : { 'gen_ai.usage.output_tokens': output }),
    ...(cacheRead === undefined ? {} : { 'gen_ai.usage.cache_read.input_tokens': cacheRead }),
    ...(cacheWrite === undefined ? {} : { 'gen_ai.usage.cache_creation.input_tokens': cacheWrite }),
    ...(reasoning === undefined ? {} : { 'gen_ai.usage.reasoning.output_tokens': reasoning }),
  };
}

function total(tokens: unknown): number | undefined {
  return numberOf(tokens) ?? numberOf(read(tokens, 'total'));
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
