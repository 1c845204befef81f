import type { Attributes } from '@opentelemetry/api';
import { read } from '../../values/read.ts';

/** What is said, as the semantic conventions for generative AI put it: JSON, since attributes have no nested values. */
export function inputContent(event: unknown): Attributes {
  const instructions = read(event, 'instructions');
  const messages = read(event, 'messages');
  return {
    ...json('gen_ai.system_instructions', instructions === undefined ? undefined : partsOf(instructions)),
    ...json('gen_ai.input.messages', Array.isArray(messages) ? messages.map(messageOf) : undefined),
  };
}

export function outputContent(content: unknown, finishReason: unknown): Attributes {
  if (!Array.isArray(content)) return {};
  return json('gen_ai.output.messages', [
    { role: 'assistant', parts: partsOf(content), finish_reason: finishReason ?? 'unknown' },
  ]);
}

export function toolContent(key: 'gen_ai.tool.call.arguments' | 'gen_ai.tool.call.result', value: unknown): Attributes {
  return typeof value === 'string' ? { [key]: value } : json(key, value);
}

function messageOf(message: unknown): object {
  return { role: read(message, 'role'), parts: partsOf(read(message, 'content')) };
}

function partsOf(content: unknown): unknown[] {
  return Array.isArray(content) ? content.map(partOf) : [{ type: 'text', content }];
}

function partOf(part: unknown): object {
  const type = read(part, 'type');
  const id = read(part, 'toolCallId');
  const name = read(part, 'toolName');
  if (type === 'tool-call') return { type: 'tool_call', id, name, arguments: read(part, 'input') };
  if (type === 'tool-result') return { type: 'tool_call_response', id, response: read(part, 'output') };
  if (type === 'text' || type === 'reasoning') return { type, content: read(part, 'text') };
  // Files and images are left out: they are as large as they are.
  return { type };
}

function json(key: string, value: unknown): Attributes {
  if (value === undefined) return {};
  try {
    const text = JSON.stringify(value);
    return typeof text === 'string' ? { [key]: text } : {};
  } catch {
    return {};
  }
}
