import type { OtlpConfig } from '../config.ts';
import { parsed, type Parsed, refused } from '../parse.ts';
import { headerProblem, parseHeaders } from '../parse-pairs.ts';
import { parseGrpcUrl, parseHttpUrl } from '../parse-url.ts';
import { quote, redactUrl } from '../show-value.ts';
import type { Entry } from './entry.ts';
import { kindOf, toChoice, toFlag, toInteger, toPemPath, toText } from './values.ts';

const GRPC_DEFAULT = 'http://localhost:4317';
const PROTOCOLS = { protobuf: 'http/protobuf', json: 'http/json' } as const;

/** `otlp_http`. @param base the defaults */
export function mapOtlpHttp(entry: Entry, base: OtlpConfig): OtlpConfig {
  const encoding = entry.key('encoding').read(toChoice(['protobuf', 'json'])) ?? 'protobuf';
  return {
    ...mapShared(entry, base),
    protocol: PROTOCOLS[encoding],
    endpoint: entry.key('endpoint').read(toUrl(parseHttpUrl), redactUrl) ?? base.endpoint,
  };
}

/** `otlp_grpc`. */
export function mapOtlpGrpc(entry: Entry, base: OtlpConfig): OtlpConfig {
  const shared = mapShared(entry, base);
  const insecure = entry.key('tls').key('insecure').read(toFlag) ?? false;
  const endpoint =
    entry.key('endpoint').read(
      toUrl((text) => parseGrpcUrl(text, insecure)),
      redactUrl,
    ) ?? GRPC_DEFAULT;
  // As with the variables: a scheme in the endpoint takes precedence. Every endpoint has a scheme here.
  return { ...shared, protocol: 'grpc', endpoint, insecure: /^http:/i.test(endpoint) };
}

function mapShared(entry: Entry, base: OtlpConfig): OtlpConfig {
  const tls = entry.key('tls');
  return {
    ...base,
    headers: mapHeaders(entry),
    compression: mapCompression(entry.key('compression')),
    timeoutMillis: entry.key('timeout').read(toInteger('OTEL_EXPORTER_OTLP_TIMEOUT')) ?? base.timeoutMillis,
    certificate: tls.key('ca_file').read(toPemPath, quote),
    clientKey: tls.key('key_file').read(toPemPath, quote),
    clientCertificate: tls.key('cert_file').read(toPemPath, quote),
  };
}

/** The schema allows any string. Sending uncompressed is better than refusing the file. */
function mapCompression(entry: Entry): OtlpConfig['compression'] {
  const wanted = entry.read(toText) ?? 'none';
  if (wanted === 'gzip' || wanted === 'none') return wanted;
  entry.warn(`expected gzip or none (got ${quote(wanted)}), using none`);
  return 'none';
}

/** Entries of `headers` take precedence over those of `headers_list`; one whose value is null is left out. Values are secret. */
function mapHeaders(entry: Entry): OtlpConfig['headers'] {
  const list = entry.key('headers_list').read(toHeaders, (headers) => showNames(Object.keys(headers)));
  const headers = new Map(Object.entries(list ?? {}));
  for (const item of entry.key('headers').items()) {
    const name = item.key('name').read(toText, quote);
    const value = item.key('value');
    const text = value.read(toText, () => '[redacted]');
    if (name === undefined || text === undefined) continue;
    const problem = headerProblem(name.toLowerCase(), text);
    if (problem === undefined) headers.set(name.toLowerCase(), text);
    else value.refuse(`expected the name and the value of a header (it has ${problem})`);
  }
  return Object.fromEntries(headers);
}

function toHeaders(value: unknown): Parsed<Readonly<Record<string, string>>> {
  if (typeof value !== 'string') return refused('name=value pairs', kindOf(value));
  if (value.trim() === '') return parsed({});
  const { value: headers, problem } = parseHeaders(value);
  return problem === undefined ? parsed(headers ?? {}) : { value: undefined, problem };
}

function showNames(names: readonly string[]): string {
  return names.map((name) => `${name}=[redacted]`).join(', ');
}

function toUrl(parse: (text: string) => Parsed<string>): (value: unknown) => Parsed<string> {
  return (value) => (typeof value === 'string' ? parse(value) : refused('a URL', kindOf(value)));
}
