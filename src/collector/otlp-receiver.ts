import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AllowedHosts, isHostPattern, withoutPort } from '../request/allowed-hosts.ts';
import { type ReceivedTarget, receivedTarget } from '../request/received-target.ts';
import type { CollectorMetrics } from '../self-metrics/collector-metrics.ts';
import { messageOf } from '../values/thrown.ts';
import type { Access } from './access.ts';
import { contentTypes, type Encoding } from './codec/otlp-codec.ts';
import { MinuteReport } from './minute-report.ts';
import { answerRefusal, answerSuccess } from './otlp-response.ts';
import { type Refusal, unavailable } from './refusal.ts';
import { type BodyFormat, type IntakeOptions, type Outcome, RequestIntake } from './request-intake.ts';
import type { OtlpSignal, SignalName } from './signals.ts';

export interface SignalCounts {
  /** Requests answered 200. */
  readonly requests: number;
  /** Spans, metric data points or log records that were stored. */
  readonly items: number;
  /** Items of accepted requests that were invalid and are not stored. */
  readonly rejected: number;
  /** Requests answered with anything else. */
  readonly refused: number;
}

export type Counts = Readonly<Record<SignalName, SignalCounts>>;

export interface Health {
  readonly ok: boolean;
  /** Why not. */
  readonly problems: readonly string[];
}

export interface ReceiverOptions extends Omit<IntakeOptions, 'onCounted'> {
  readonly signals: readonly OtlpSignal[];
  readonly access: Access;
  readonly hosts: AllowedHosts;
  readonly metrics: CollectorMetrics | undefined;
  /** The answer to `GET /`. */
  readonly about: string;
  readonly health: () => Health;
  readonly report: (line: string) => void;
}

const GZIP = new Set(['gzip', 'x-gzip']);
const RETRY_SECONDS = 5;
/** Of what a client has sent, in a line of the report. */
const SHOWN_CHARACTERS = 100;

/** OTLP/HTTP: checks requests, has them decoded and stored, answers. */
export class OtlpReceiver {
  readonly #options: ReceiverOptions;
  readonly #intake: RequestIntake;
  readonly #byPath: ReadonlyMap<string, OtlpSignal>;
  readonly #clients: MinuteReport;
  readonly #counts: Record<SignalName, { requests: number; items: number; rejected: number; refused: number }>;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#clients = new MinuteReport(options.report);
    this.#byPath = new Map(options.signals.map((signal) => [signal.path, signal]));
    const zero = () => ({ requests: 0, items: 0, rejected: 0, refused: 0 });
    this.#counts = { traces: zero(), metrics: zero(), logs: zero() };
    this.#intake = new RequestIntake({
      ...options,
      onCounted: (signal, encoding, counts) => {
        const attributes = { signal: signal.name, encoding };
        options.metrics?.received(counts.received, attributes);
        for (const [reason, count] of counts.reasons()) {
          options.metrics?.invalid(count, { ...attributes, 'error.type': reason });
        }
      },
    });
  }

  counts(): Counts {
    return structuredClone(this.#counts);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = receivedTarget(request);
    // The response has the encoding of the request; where that is unknown, JSON, which a person can read.
    const encoding = encodingOf(request);
    const refuse = (refusal: Refusal): void => {
      answerRefusal(request, response, encoding ?? 'json', refusal);
    };
    const { path } = target;
    const signal = this.#byPath.get(path);
    // Before anything else: whoever is not meant must learn and do nothing here.
    const misdirected = this.#checkTarget(target);
    if (misdirected !== undefined) {
      if (signal !== undefined) this.#countRefused(signal, misdirected);
      return refuse(misdirected);
    }
    for (const [name, value] of Object.entries(this.#options.access.headers(request))) response.setHeader(name, value);

    if (path === '/') return this.#answerAbout(request, response, refuse);
    if (path === '/healthz') return this.#answerHealth(request, response, refuse);
    if (signal === undefined) {
      const known = Array.from(this.#byPath.keys()).join(', ');
      return refuse({ status: 404, message: `${path}: not found; OTLP/HTTP is at ${known}` });
    }
    const preflight = this.#options.access.preflight(request);
    if (preflight !== undefined) {
      response.writeHead(204, { ...preflight }).end();
      return;
    }
    const signalCounts = this.#counts[signal.name];
    const outcome = await this.#receive(signal, encoding, request);
    if (outcome.kind === 'abandoned') return;
    if (outcome.kind === 'refused') {
      this.#countRefused(signal, outcome.refusal);
      return refuse(outcome.refusal);
    }
    const { counts } = outcome;
    signalCounts.requests++;
    signalCounts.items += counts.received - counts.rejected;
    signalCounts.rejected += counts.rejected;
    answerSuccess(response, encoding ?? 'json', signal, counts);
  }

  #answerAbout(request: IncomingMessage, response: ServerResponse, refuse: (refusal: Refusal) => void): void {
    if (!isGetOrHead(request)) return refuse(notAllowed(request, 'GET, HEAD'));
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(this.#options.about);
  }

  #answerHealth(request: IncomingMessage, response: ServerResponse, refuse: (refusal: Refusal) => void): void {
    if (!isGetOrHead(request)) return refuse(notAllowed(request, 'GET, HEAD'));
    const { ok, problems } = this.#options.health();
    response.writeHead(ok ? 200 : 503, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    response.end(ok ? 'ok\n' : problems.map((problem) => `${problem}\n`).join(''));
  }

  async #receive(signal: OtlpSignal, encoding: Encoding | undefined, request: IncomingMessage): Promise<Outcome> {
    const format = this.#check(encoding, request);
    if ('status' in format) return refused(format);
    try {
      const outcome = await this.#intake.take(signal, format, request);
      if (outcome.kind === 'refused') this.#countUndecodable(signal, format.encoding, outcome.refusal);
      return outcome;
    } catch (error) {
      // A bug in swansong. 503 and not 500: after a 500 OTLP clients drop the data.
      this.#options.report(`${signal.path}: ${stackOf(error)}`);
      return refused(unavailable('an internal error; try again', RETRY_SECONDS));
    }
  }

  #checkTarget({ host, problem }: ReceivedTarget): Refusal | undefined {
    if (problem !== undefined) return { status: 400, message: problem };
    if (host === undefined || this.#options.hosts.allows(host)) return undefined;
    const shown = host.slice(0, SHOWN_CHARACTERS);
    const got = JSON.stringify(shown);
    const hint = isHostPattern(withoutPort(shown)) ? `: --allow-host ${withoutPort(shown)}` : '';
    this.#clients.say(
      'misdirected',
      `a request for the host ${got} was answered 421; if that is a name of this collector, allow it${hint}`,
    );
    const expected = 'localhost, the address that this collector listens on or one that --allow-host names';
    return { status: 421, message: `host: expected ${expected} (got ${got}); nothing of this request was read` };
  }

  /** All checks that do not need the body. */
  #check(encoding: Encoding | undefined, request: IncomingMessage): BodyFormat | Refusal {
    if (request.method !== 'POST') return notAllowed(request, 'POST');
    const unauthorized = this.#options.access.check(request);
    if (unauthorized !== undefined) return unauthorized;
    if (encoding === undefined) return unknownType(request);
    const coding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
    const isGzip = GZIP.has(coding);
    return isGzip || coding === 'identity' || coding === '' ? { encoding, isGzip } : unknownCoding(coding);
  }

  #countRefused({ name }: OtlpSignal, { status }: Refusal): void {
    this.#counts[name].refused++;
    this.#options.metrics?.refused(1, { signal: name, 'http.response.status_code': status });
  }

  /** A request that cannot be decoded counts as one item: how many it had is unknown. */
  #countUndecodable(signal: OtlpSignal, encoding: Encoding, { invalid }: Refusal): void {
    if (invalid === undefined) return;
    const attributes = { signal: signal.name, encoding };
    this.#options.metrics?.received(1, attributes);
    this.#options.metrics?.invalid(1, { ...attributes, 'error.type': invalid });
  }
}

function encodingOf(request: IncomingMessage): Encoding | undefined {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === contentTypes.protobuf) return 'protobuf';
  return type === contentTypes.json ? 'json' : undefined;
}

function isGetOrHead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
}

function refused(refusal: Refusal): Outcome {
  return { kind: 'refused', refusal };
}

function notAllowed(request: IncomingMessage, allow: string): Refusal {
  return { status: 405, message: `expected ${allow} (got ${request.method})`, headers: { allow } };
}

function unknownType(request: IncomingMessage): Refusal {
  const got = request.headers['content-type'];
  const expected = Object.values(contentTypes).join(' or ');
  return {
    status: 415,
    message: `content-type: expected ${expected} (got ${got === undefined ? 'none' : JSON.stringify(got)})`,
  };
}

function unknownCoding(coding: string): Refusal {
  return {
    status: 415,
    message: `content-encoding: expected gzip or identity (got ${JSON.stringify(coding)})`,
    headers: { 'accept-encoding': 'gzip, identity' },
  };
}
