import { createApplicationRequire } from '../../application/application-require.ts';
import { classifyExitAnswer } from '../../exit/classify-exit-answer.ts';
import type { SignalKind } from '../export/signal-kinds.ts';
import type { Transport } from '../export/transport.ts';
import { read } from '../../values/read.ts';
import { readSerializer } from './foreign-serializer.ts';
import { readMethod } from './private-fields.ts';

const GRPC_JS = /[\\/]@grpc[\\/]grpc-js[\\/]build[\\/]src[\\/]index\.js$/;
const NO_TLS = { ca: undefined, key: undefined, cert: undefined };

/**
 * The final delivery for an OTLP/gRPC exporter of the SDK (0.203 to 0.301) without TLS, as to a collector on the same host. Undefined
 * if it does not look like one, and with TLS: credentials cannot be read.
 *
 *     exporter._delegate: { _serializer, _transport: { _parameters: { address, grpcPath, metadata(), credentials() } } }
 */
export function grpcFinalDelivery<T>(exporter: unknown, signal: SignalKind<T>): Transport<T>['finalDelivery'] {
  const delegate = read(exporter, '_delegate');
  const parameters = read(read(delegate, '_transport'), '_parameters');
  const target = read(parameters, 'address');
  const method = read(parameters, 'grpcPath');
  const getMetadata = readMethod(parameters, 'metadata');
  const getCredentials = readMethod(parameters, 'credentials');
  const serializer = readSerializer(read(delegate, '_serializer'));
  // Called before the lookup of grpc-js, which the exporter loads only when it needs it.
  const isInsecure =
    getCredentials !== undefined && readMethod(credentialsOf(getCredentials), '_isSecure')?.() === false;
  const module = Object.keys(createApplicationRequire().cache).find((file) => GRPC_JS.test(file));
  if (
    typeof target !== 'string' ||
    typeof method !== 'string' ||
    getMetadata === undefined ||
    serializer === undefined ||
    module === undefined ||
    !isInsecure
  )
    return undefined;
  const encoding = signal.encoding('http/protobuf', serializer);
  const gzip = read(parameters, 'compression') === 'gzip';
  return (items) => ({
    kind: 'request',
    request: {
      protocol: 'grpc',
      module,
      target,
      secure: false,
      method,
      metadata: toText(readMethod(getMetadata(), 'getMap')?.()),
      gzip,
      ...NO_TLS,
      body: encoding.serialize(items),
    },
    classify: (answer) => classifyExitAnswer(answer, encoding),
  });
}

function credentialsOf(getCredentials: () => unknown): unknown {
  try {
    return getCredentials();
  } catch {
    // The exporter will report the same error when it sends.
    return undefined;
  }
}

/** Without binary entries: after the transfer to the worker they could not be told from text. */
function toText(metadata: unknown): Record<string, string> {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata ?? {})) if (typeof value === 'string') text[name] = value;
  return text;
}
