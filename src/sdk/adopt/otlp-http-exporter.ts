import type { Agent } from 'node:http';
import type { OtlpConfig } from '../../config/config.ts';
import type { TlsFiles } from '../../otlp/create-agent.ts';
import type { Headers } from '../../otlp/http-delivery.ts';
import type { ForeignSerializer, OtlpEncoding, OtlpFormat } from '../../otlp/otlp-encoding.ts';
import { isObject } from '../../values/is-object.ts';
import type { HttpDestination } from '../export/http-transport.ts';
import type { SignalKind } from '../export/signal-kinds.ts';
import { read } from '../../values/read.ts';
import { readSerializer } from './foreign-serializer.ts';
import { isImplementedBy, readMethod, readNumber } from './private-fields.ts';

const NO_TLS: TlsFiles = { ca: undefined, key: undefined, cert: undefined };

/** The backend and the serializer of an OTLP/HTTP exporter of the application. */
export interface OtlpHttpExporter<T> {
  readonly format: OtlpFormat;
  readonly encoding: OtlpEncoding<T>;
  readonly timeoutMillis: number;
  readonly destination: HttpDestination & { agent(): Promise<Agent | undefined> };
}

/**
 * Reads an OTLP exporter of the SDK over HTTP, JSON or protobuf (0.203 to 0.301): none of this is public. Undefined if it
 * does not look like one: gRPC, a subclass, another SDK.
 *
 *     exporter._delegate: { _timeout, _serializer, _transport: { _transport: { _parameters } } }
 *     _parameters: { url, headers(), compression, userAgent, agentFactory(protocol) }, up to 0.203 agentOptions
 *
 * @param configured headers of the variables, used until the promise of the exporter's own headers has resolved
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
  const getHeaders = readMethod(parameters, 'headers');
  const timeoutMillis = readNumber(delegate, '_timeout');
  const serializer = readSerializer(read(delegate, '_serializer'));
  if (
    typeof url !== 'string' ||
    !URL.canParse(url) ||
    getHeaders === undefined ||
    timeoutMillis === undefined ||
    serializer === undefined
  )
    return undefined;
  const format = formatOf(serializer, signal.emptyRequest);
  if (format === undefined) return undefined;
  const { protocol } = new URL(url);
  const userAgent = read(parameters, 'userAgent');
  const headers = new LatestHeaders(getHeaders, configured, typeof userAgent === 'string' ? userAgent : undefined);
  const connections = new AgentOfExporter(parameters, protocol);
  return {
    format,
    timeoutMillis,
    encoding: signal.encoding(format, serializer),
    destination: {
      endpoint: url,
      compression: compressionOf(read(parameters, 'compression')),
      headers: () => headers.read(),
      latestHeaders: () => headers.latest,
      tls: () => connections.tls,
      agent: () => connections.read(),
    },
  };
}

function compressionOf(value: unknown): OtlpConfig['compression'] {
  return value === 'gzip' ? 'gzip' : 'none';
}

/** By a sample: JSON and protobuf serializers have the same names, and the content type is only known by a promise. */
function formatOf(serializer: ForeignSerializer, emptyRequest: unknown): OtlpFormat | undefined {
  try {
    const bytes = serializer.serializeRequest(emptyRequest);
    if (bytes === undefined) return undefined;
    return bytes[0] === '{'.codePointAt(0) ? 'http/json' : 'http/protobuf';
  } catch {
    return undefined;
  }
}

/** The headers of an exporter: read again for each delivery, and remembered for the end of the process. */
class LatestHeaders {
  readonly #getHeaders: () => unknown;
  readonly #userAgent: string | undefined;
  latest: Headers;

  constructor(getHeaders: () => unknown, configured: Headers, userAgent: string | undefined) {
    this.#getHeaders = getHeaders;
    this.#userAgent = userAgent;
    this.latest = configured;
    // In 0.203 they are known at once. A failure now will occur again at a delivery, and is reported then.
    this.read().catch(() => {});
  }

  read(): Promise<Headers> {
    const result = this.#getHeaders();
    if (!(result instanceof Promise)) return Promise.resolve(this.#remember(result));
    return result.then((headers) => this.#remember(headers));
  }

  #remember(headers: unknown): Headers {
    const latest: Record<string, string> = {};
    for (const [name, value] of Object.entries(isObject(headers) ? headers : {}))
      latest[name.toLowerCase()] = String(value);
    // They depend on the body.
    delete latest['content-type'];
    delete latest['content-encoding'];
    if (this.#userAgent !== undefined) latest['user-agent'] = this.#userAgent;
    this.latest = latest;
    return latest;
  }
}

/** The agent of an exporter, with its certificates. */
class AgentOfExporter {
  readonly #parameters: unknown;
  readonly #protocol: string;
  #agent: Promise<Agent | undefined> | undefined;
  #options: unknown;

  constructor(parameters: unknown, protocol: string) {
    this.#parameters = parameters;
    this.#protocol = protocol;
    this.#options = read(parameters, 'agentOptions');
    // For the certificates: when the process ends, nothing asynchronous can be waited for.
    if (protocol === 'https:') void this.read();
  }

  /** One of Node's own agents. Undefined for any other (such as a proxy's) or none: then the exporter itself delivers. */
  async read(): Promise<Agent | undefined> {
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

/** An array of certificates becomes one PEM file. */
function toPem(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return value;
  if (!Array.isArray(value)) return undefined;
  const parts = value.map((part) => toPem(part)).filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]));
}
