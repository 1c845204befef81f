import type { Agent } from 'node:http';
import type { OtlpConfig } from '../../config/config.ts';
import type { TlsFiles } from '../../otlp/create-agent.ts';
import type { Headers } from '../../otlp/http-delivery.ts';
import type { ForeignSerializer, OtlpEncoding, OtlpFormat } from '../../otlp/otlp-encoding.ts';
import { isObject } from '../../values/is-object.ts';
import type { HttpDestination } from '../export/http-transport.ts';
import type { SignalKind } from '../export/signal-kinds.ts';
import { readSerializer } from './foreign-serializer.ts';
import { isImplementedBy, read, readMethod, readNumber } from './private-fields.ts';

const NO_TLS: TlsFiles = { ca: undefined, key: undefined, cert: undefined };

/** What an OTLP/HTTP exporter of the application knows of its backend, and how it serialises. */
export interface OtlpHttpExporter<T> {
  readonly format: OtlpFormat;
  readonly encoding: OtlpEncoding<T>;
  readonly timeoutMillis: number;
  readonly destination: HttpDestination & { agent(): Promise<Agent | undefined> };
}

/**
 * Reads an OTLP exporter of the SDK over HTTP, JSON or protobuf (0.203 to 0.301): none of it is public. Undefined where it does
 * not look like one: gRPC, somebody's subclass, another SDK.
 *
 *     exporter._delegate: { _timeout, _serializer, _transport: { _transport: { _parameters } } }
 *     _parameters: { url, headers(), compression, userAgent, agentFactory(protocol) }, up to 0.203 agentOptions
 *
 * @param configured headers of the variables: what is known until its own, which are behind a promise, have been asked for
 */
export function readOtlpHttpExporter<T>(
  exporter: unknown,
  signal: SignalKind<T>,
  configured: Headers,
): OtlpHttpExporter<T> | undefined {
  if (!isImplementedBy(exporter, 'export', ['forceFlush', 'shutdown'])) return undefined;
  const delegate = read(exporter, '_delegate');
  const parameters = read(read(read(delegate, '_transport'), '_transport'), '_parameters');
  const url = read(parameters, 'url');
  const askHeaders = readMethod(parameters, 'headers');
  const timeoutMillis = readNumber(delegate, '_timeout');
  const serializer = readSerializer(read(delegate, '_serializer'));
  if (
    typeof url !== 'string' ||
    !URL.canParse(url) ||
    askHeaders === undefined ||
    timeoutMillis === undefined ||
    serializer === undefined
  )
    return undefined;
  const format = formatOf(serializer, signal.emptyRequest);
  if (format === undefined) return undefined;
  const { protocol } = new URL(url);
  const userAgent = read(parameters, 'userAgent');
  const headers = new LatestHeaders(askHeaders, configured, typeof userAgent === 'string' ? userAgent : undefined);
  const connections = new AgentOfExporter(parameters, protocol);
  return {
    format,
    timeoutMillis,
    encoding: signal.encoding(format, serializer),
    destination: {
      endpoint: url,
      compression: compressionOf(read(parameters, 'compression')),
      headers: () => headers.ask(),
      latestHeaders: () => headers.latest,
      tls: () => connections.tls,
      agent: () => connections.ask(),
    },
  };
}

function compressionOf(value: unknown): OtlpConfig['compression'] {
  return value === 'gzip' ? 'gzip' : 'none';
}

/** JSON and protobuf serializers are named alike, and the header that tells them apart is behind a promise. */
function formatOf(serializer: ForeignSerializer, emptyRequest: unknown): OtlpFormat | undefined {
  try {
    const bytes = serializer.serializeRequest(emptyRequest);
    if (bytes === undefined) return undefined;
    return bytes[0] === '{'.codePointAt(0) ? 'http/json' : 'http/protobuf';
  } catch {
    return undefined;
  }
}

/** The headers of an exporter: asked for at each delivery, and remembered for the end of the process. */
class LatestHeaders {
  readonly #ask: () => unknown;
  readonly #userAgent: string | undefined;
  latest: Headers;

  constructor(ask: () => unknown, configured: Headers, userAgent: string | undefined) {
    this.#ask = ask;
    this.#userAgent = userAgent;
    this.latest = configured;
    // In 0.203 they are there at once. One that fails now fails again when it matters, and is told then.
    this.ask().catch(() => {});
  }

  ask(): Promise<Headers> {
    const asked = this.#ask();
    if (!(asked instanceof Promise)) return Promise.resolve(this.#remember(asked));
    return asked.then((headers) => this.#remember(headers));
  }

  #remember(headers: unknown): Headers {
    const latest: Record<string, string> = {};
    for (const [name, value] of Object.entries(isObject(headers) ? headers : {}))
      latest[name.toLowerCase()] = String(value);
    // These follow from the body.
    delete latest['content-type'];
    delete latest['content-encoding'];
    if (this.#userAgent !== undefined) latest['user-agent'] = this.#userAgent;
    this.latest = latest;
    return latest;
  }
}

/** The connections of an exporter, with the certificates that it was given. */
class AgentOfExporter {
  readonly #parameters: unknown;
  readonly #protocol: string;
  #agent: Promise<Agent | undefined> | undefined;
  #options: unknown;

  constructor(parameters: unknown, protocol: string) {
    this.#parameters = parameters;
    this.#protocol = protocol;
    this.#options = read(parameters, 'agentOptions');
    // For the certificates: at the end of the process there is no time to ask.
    if (protocol === 'https:') void this.ask();
  }

  /** One of Node's own agents. Undefined for any other (a proxy's), and where there is none: then the exporter itself delivers. */
  async ask(): Promise<Agent | undefined> {
    this.#agent ??= this.#create();
    try {
      return await this.#agent;
    } catch {
      this.#agent = undefined;
      return undefined;
    }
  }

  get tls(): TlsFiles {
    if (this.#protocol !== 'https:') return NO_TLS;
    const passphrase = read(this.#options, 'passphrase');
    return {
      ca: toPem(read(this.#options, 'ca')),
      key: toPem(read(this.#options, 'key')),
      cert: toPem(read(this.#options, 'cert')),
      passphrase: typeof passphrase === 'string' ? passphrase : undefined,
      rejectUnauthorized: read(this.#options, 'rejectUnauthorized') === false ? false : undefined,
    };
  }

  async #create(): Promise<Agent | undefined> {
    const { Agent: HttpAgent } = process.getBuiltinModule('node:http');
    const { Agent: HttpsAgent } = process.getBuiltinModule('node:https');
    const factory = readMethod(this.#parameters, 'agentFactory');
    if (factory === undefined) {
      const options = isObject(this.#options) ? { ...this.#options } : {};
      return this.#protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
    }
    const agent = await factory(this.#protocol);
    if (!(agent instanceof HttpAgent)) return undefined;
    const prototype: unknown = Object.getPrototypeOf(agent);
    if (prototype !== HttpAgent.prototype && prototype !== HttpsAgent.prototype) return undefined;
    this.#options = read(agent, 'options');
    return agent;
  }
}

/** Several certificates in a row are one PEM file. */
function toPem(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return value;
  if (!Array.isArray(value)) return undefined;
  const parts = value.map((part) => toPem(part)).filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]));
}
