import type { EndingProgram } from '../../test/support/endings.ts';

/** The telemetry that a program has created when it ends, all of which should arrive. */
export interface MadeTelemetry {
  /** For each error: texts, one of which must arrive. Errors whose text may have another origin are not counted. */
  readonly errors: readonly (readonly string[])[];
  readonly ended: readonly MadeSpans[];
  readonly open: readonly MadeSpans[];
}

interface MadeSpans {
  readonly name: string;
  readonly count: number;
}

const MAJOR = Number.parseInt(process.versions.node, 10);

/** What most programs create, by `traceOthers()` and `inQuery()`. */
export const USUAL: MadeTelemetry = {
  errors: [],
  ended: [{ name: 'finished', count: 1 }],
  open: ['unrelated', 'request', 'query'].map((name) => ({ name, count: 1 })),
};

/**
 * Telemetry that is created but that the table does not expect: that of a terminated worker thread, and of an exception handler
 * that throws.
 */
const NOT_IN_THE_TABLE: Readonly<Record<string, MadeTelemetry>> = {
  'throw-in-uncaught-listener.mjs': { ...USUAL, errors: [['the timer failed'], ['the listener failed']] },
  'throw-in-capture-callback.mjs': { ...USUAL, errors: [['the timer failed'], ['the callback failed']] },
  'terminate-worker.mjs': USUAL,
  'exit-while-worker-works.mjs': USUAL,
  'throw-while-worker-works.mjs': USUAL,
};

/** By argument or program: the text to search for if the thrown value has no message. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'plain object': ['E_STOCK'],
  function: ['refund'],
  symbol: ['a symbol'],
  'import-missing-module.mjs': ['Cannot find module'],
  'reject-unhandled-string.mjs': ['only a string', 'This error originated'],
};
/** `42` or `null` would be found in any body. */
const SHORTEST_TEXT = 6;

export function madeTelemetry(it: EndingProgram): MadeTelemetry {
  const { received } = it.elsewhere?.find(({ nodes }) => nodes.includes(MAJOR)) ?? it;
  const more = NOT_IN_THE_TABLE[it.program];
  const spansThat = (interrupted: boolean): MadeSpans[] =>
    countByName(received.spans.filter((span) => span.interrupted === interrupted));
  const messages = new Set(received.errors.map(({ message }) => message));
  return {
    errors: [...[...messages].flatMap((message) => textsOf(message, it)), ...(more?.errors ?? [])],
    ended: [...spansThat(false), ...(more?.ended ?? [])],
    open: [...spansThat(true), ...(more?.open ?? [])],
  };
}

/** No texts that are also in the arguments of the program: these are sent as process attributes. */
function textsOf(message: string, { program, args = [] }: EndingProgram): (readonly string[])[] {
  const known = TEXTS[args[0] ?? program];
  if (known !== undefined) return [known];
  const text = message.replace(/…$/, '');
  return text.length < SHORTEST_TEXT || args.some((argument) => argument.includes(text)) ? [] : [[text]];
}

/** The span of a request is found by the request's path, whatever its name; one is enough. */
function countByName(spans: readonly { readonly name: string; readonly count: number }[]): MadeSpans[] {
  const counts = new Map<string, number>();
  for (const { name, count } of spans) counts.set(name, name === REQUEST ? 1 : (counts.get(name) ?? 0) + count);
  return [...counts].map(([name, count]) => ({ name, count }));
}

/** Name of the server's span in the table; the only one that is not made by the API. */
export const REQUEST = 'POST';
/** Its path, but not in the source line that sends the request, which is part of some stack traces. */
export const REQUEST_SPAN: RegExp = /\/orders(?! HTTP)/g;
