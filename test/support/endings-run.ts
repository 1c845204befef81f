import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Backend, startBackend } from './backend.ts';
import { authority, serverCertificate } from './certificates.ts';
import type { EndingProgram, EndingTransport, ProgramEnd } from './endings.ts';
import { type Acknowledged, byNumber, byText, type EndingSummary, summarizeReceived } from './endings-received.ts';
import { nodeMajor } from './program-node.ts';
import { type FixtureResult, startFixture } from './run-fixture.ts';
import type { OnTestFinished } from './when-test-ends.ts';

/** What `shutdown()` and `forceFlush()` say, once, in the run without the preload. */
const NOT_STARTED = /^swansong: not started in this thread.*\n/m;
/** Milliseconds. Ample: how long an end may take is the matter of endings-backends.test.ts. */
const EXIT_TIMEOUT = '10000';
const LONGEST_READABLE = 5000;

/** Both runs of a program, and what came of the second one. */
export interface EndingResult {
  readonly bare: FixtureResult;
  readonly preloaded: FixtureResult;
  /** Lines that swansong added to stderr; they are not in `preloaded.stderr`. Only looked for where the table has one. */
  readonly warnings: readonly string[];
  /** Functions whose stack frames are swansong's; they are not in `preloaded.stderr`. Only looked for where the table has one. */
  readonly frames: readonly string[];
  readonly received: EndingSummary;
  readonly transport: readonly EndingTransport[];
}

/** What the table expects of the program on this version of Node. */
export function expectedOf(program: EndingProgram): Outcome {
  return program.elsewhere?.find(({ nodes }) => nodes.includes(nodeMajor)) ?? program;
}

type Outcome = Pick<EndingProgram, 'ends' | 'received' | 'exits'>;

/** In the order in which what the backend received is summarised. */
export function summaryOf({ ends, received, exits = ends.code === null ? [] : [ends.code] }: Outcome): EndingSummary {
  const { errors, spans, events, lines } = received;
  return {
    errors: errors.toSorted(byText),
    spans: spans.toSorted(byText),
    events,
    lines,
    exits: exits.toSorted(byNumber),
  };
}

/** Runs a program without swansong and with it, at the same time. */
export async function runEnding(program: EndingProgram, onTestFinished: OnTestFinished): Promise<EndingResult> {
  const backend = await startBackendFor(program, onTestFinished);
  const heldExport = async (): Promise<void> => {
    await backend.waitFor(() => backend.spans().length > 0 && backend.inFlight > 0, 'an export in flight');
    backend.behave({ kind: 'ok' });
  };
  const result = await runEndingInto({ backend, env: endpoint(backend.url), heldExport }, program, onTestFinished);
  return { ...result, transport: transportsOf(backend) };
}

export interface EndingReceiver {
  readonly backend: Acknowledged;
  /** What leads the program's telemetry there. */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves once an export is held in flight. Only for programs with an `input`. */
  readonly heldExport?: () => Promise<void>;
}

/** The same, with telemetry into a backend of the caller's. */
export async function runEndingInto(
  receiver: EndingReceiver,
  program: EndingProgram,
  onTestFinished: OnTestFinished,
): Promise<Omit<EndingResult, 'transport'>> {
  const [bare, preloaded] = await Promise.all([
    run(program, undefined, onTestFinished),
    run(program, receiver, onTestFinished),
  ]);
  const warnings = program.warns === undefined ? [] : preloaded.stderr.match(/^swansong: .*$/gm);
  return {
    bare: comparable(bare, program),
    preloaded: comparable(preloaded, program),
    warnings: warnings ?? [],
    frames: program.addsFrame === undefined ? [] : framesOfPreload(preloaded.stderr),
    received: summarizeReceived(receiver.backend, program.program, preloaded.stderr),
  };
}

function endpoint(url: string): Readonly<Record<string, string>> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url };
}

/** What a bare run shows of the end that the table expects, in the table's form. */
export function endOf(
  bare: FixtureResult,
  expected: ProgramEnd,
): Omit<Required<ProgramEnd>, 'signal'> & { readonly signal: NodeJS.Signals | null } {
  const { stderr = '' } = expected;
  const shown = stderr !== '' && bare.stderr.includes(stderr) ? stderr : bare.stderr;
  return { code: bare.code, signal: bare.signal, stdout: bare.stdout, stderr: shown };
}

function startBackendFor({ tls, input }: EndingProgram, onTestFinished: OnTestFinished): Promise<Backend> {
  return startBackend(
    { kind: input === undefined ? 'ok' : 'hold' },
    {
      onTestFinished,
      ...(tls === undefined
        ? {}
        : { tls: { ...serverCertificate, ...(tls === 'mutual' ? { clientCa: authority } : {}) } }),
    },
  );
}

async function run(
  program: EndingProgram,
  receiver: EndingReceiver | undefined,
  onTestFinished: OnTestFinished,
): Promise<FixtureResult> {
  const fixture = startFixture({
    program: `endings/${program.program}`,
    preload:
      receiver === undefined ? 'none' : (program.preload ?? (program.program.endsWith('.cjs') ? 'require' : 'import')),
    args: program.args ?? [],
    nodeArguments: [
      ...(receiver === undefined ? preloadBeside(program) : []),
      ...(program.nodeArguments ?? []),
      ...(program.framesOfTracing ? ['--stack-trace-limit=100'] : []),
    ],
    env: {
      SWANSONG_EXIT_TIMEOUT: EXIT_TIMEOUT,
      ...program.env,
      ...receiver?.env,
    },
    onTestFinished,
    ...(program.input === undefined ? { stdin: '' } : {}),
  });
  if (program.signal !== undefined || program.input !== undefined) await fixture.line('ready');
  if (program.signal !== undefined) fixture.kill(program.signal);
  if (program.input !== undefined) {
    await receiver?.heldExport?.();
    fixture.write(program.input);
    fixture.endInput();
  }
  return fixture.result;
}

function preloadBeside({ beside }: EndingProgram): readonly string[] {
  if (beside === undefined || !(beside.nodes ?? [nodeMajor]).includes(nodeMajor)) return [];
  const [flag, extension] = beside.preload === 'import-nothing' ? ['--import', 'mjs'] : ['--require', 'cjs'];
  return [flag, fileURLToPath(new URL(`../fixtures/endings/preload/${beside.preload}.${extension}`, import.meta.url))];
}

/** Takes out what differs between any two runs, and what the table says is different. */
function comparable(result: FixtureResult, program: EndingProgram): FixtureResult {
  return { ...result, stderr: readable(withoutDifferences(result.stderr, program)) };
}

/** `at process.emit (…/dist/preload.cjs:14:8138)` */
const FRAME_OF_PRELOAD = /^ {4}at (?<name>.+) \(.*dist\/preload\.cjs:\d+:\d+\)\n/gm;

function framesOfPreload(stderr: string): string[] {
  return [...stderr.matchAll(FRAME_OF_PRELOAD)].map(({ groups }) => groups?.['name'] ?? '');
}

function withoutDifferences(stderr: string, program: EndingProgram): string {
  const { framesOfTracing, callsSwansong, warns, addsFrame } = program;
  let text = stderr.replaceAll(/\(node:\d+\)/g, '(node:PID)');
  if (callsSwansong) text = text.replace(NOT_STARTED, '');
  if (warns !== undefined) text = text.replaceAll(/^swansong: .*\n/gm, '');
  if (addsFrame !== undefined) text = text.replaceAll(FRAME_OF_PRELOAD, '');
  return framesOfTracing ? withoutFramesOfTracing(text) : text;
}

/** The same for the same text, and no megabytes in the message of a failure. */
function readable(text: string): string {
  if (text.length <= LONGEST_READABLE) return text;
  return `${text.slice(0, LONGEST_READABLE)} [… ${text.length} characters, SHA-256 ${createHash('sha256').update(text).digest('hex')}]`;
}

/** Frames of the API, of the preload, and of Node's AsyncLocalStorage, which it calls. */
const FRAME_OF_TRACING =
  /^ {4}at .*(?:node_modules\/@opentelemetry\/api\/|dist\/preload\.cjs:|node:async_hooks:|node:internal\/async_(?:local_storage|hooks|context_frame)).*\n/gm;

function withoutFramesOfTracing(stack: string): string {
  return stack.replaceAll(FRAME_OF_TRACING, '');
}

function transportsOf(backend: Backend): EndingTransport[] {
  const seen = new Map<string, EndingTransport>();
  for (const { signal, contentType, encoding, client, headers } of backend.requests) {
    if (signal === 'metrics') continue;
    const apiKey = headers['x-api-key'];
    const transport: EndingTransport = {
      contentType,
      encoding,
      ...(client === undefined ? {} : { client }),
      ...(typeof apiKey === 'string' ? { apiKey } : {}),
    };
    seen.set(JSON.stringify(transport), transport);
  }
  return [...seen.values()].toSorted(byText);
}
