import { createServer, type RequestListener } from 'node:http';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { gunzipSync, gzipSync } from 'node:zlib';
import protobuf from 'protobufjs/light.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeRefusal } from '../../../src/collector/otlp-response.ts';
import type { DeliveryResult } from '../../../src/outbox/delivery.ts';
import { HttpClient } from '../../../src/otlp/http-client.ts';
import { createHttpDelivery, type HttpDeliveryOptions, requestHeaders } from '../../../src/otlp/http-delivery.ts';
import { authority, serverCertificate } from '../../support/certificates.ts';
import { listen } from '../../support/http-server.ts';
import type { OtlpEncoding } from '../../../src/otlp/otlp-encoding.ts';

const WORDS: OtlpEncoding<string> = {
  contentType: 'text/words',
  noun: 'words',
  serialize: (words) => Buffer.from(words.join(' ')),
  partialSuccess: (body) => {
    if (body.length === 0) return { rejected: 0, message: '' };
    const answer: unknown = JSON.parse(Buffer.from(body).toString());
    return {
      rejected: Number(Reflect.get(Object(answer), 'rejected')),
      message: String(Reflect.get(Object(answer), 'message')),
    };
  },
};

const Status = new protobuf.Type('Status')
  .add(new protobuf.Field('code', 1, 'int32'))
  .add(new protobuf.Field('message', 2, 'string'));

/** google.rpc.Status. */
function statusOf(status: { readonly code?: number; readonly message?: string }): Uint8Array {
  return Status.encode(Status.create(status)).finish();
}

type Listener = (...parameters: Parameters<RequestListener>) => unknown;

async function serve(listener: Listener): Promise<URL> {
  return new URL(
    `http://127.0.0.1:${await listen(createServer((...exchange) => void listener(...exchange)))}/v1/words`,
  );
}

function deliver(
  url: URL,
  signal: AbortSignal = new AbortController().signal,
  options: Partial<HttpDeliveryOptions<string>> = {},
): Promise<DeliveryResult> {
  const client = new HttpClient({ url, tls: { ca: undefined, key: undefined, cert: undefined }, maxConnections: 2 });
  onTestFinished(() => client.close());
  return createHttpDelivery({
    encoding: WORDS,
    client,
    compression: 'none',
    headers: requestHeaders({ headers: {}, compression: 'none' }, WORDS.contentType, 'test/1'),
    ...options,
  })(['a', 'b'], signal);
}

const DELIVERED = { status: 'delivered', rejected: 0, message: '' };

describe('createHttpDelivery', () => {
  it('posts what the encoding makes, with headers, user agent and length', async () => {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      const { method, url: path, headers } = request;
      seen.push({ method, path, headers, body: Buffer.concat(await request.toArray()).toString() });
      response.end();
    });
    expect(
      await deliver(url, undefined, {
        headers: requestHeaders({ headers: { authorization: 'x' }, compression: 'none' }, WORDS.contentType, 'test/1'),
      }),
    ).toEqual(DELIVERED);
    expect(seen).toEqual([
      {
        method: 'POST',
        path: '/v1/words',
        body: 'a b',
        headers: expect.objectContaining({
          'user-agent': 'test/1',
          'content-type': 'text/words',
          'content-length': '3',
          authorization: 'x',
        }),
      },
    ]);
  });

  it('compresses', async () => {
    const bodies: string[] = [];
    const url = await serve(async (request, response) => {
      bodies.push(
        String(request.headers['content-encoding']),
        gunzipSync(Buffer.concat(await request.toArray())).toString(),
      );
      response.end();
    });
    expect(
      await deliver(url, undefined, {
        compression: 'gzip',
        headers: requestHeaders({ headers: {}, compression: 'gzip' }, WORDS.contentType, 'test/1'),
      }),
    ).toEqual(DELIVERED);
    expect(bodies).toEqual(['gzip', 'a b']);
  });

  it.each([
    ['me:p%40ss', 'me:p@ss'],
    ['me:100%', 'me:100%'],
    ['me:%zz%40', 'me:%zz@'],
    ['m%e:%E4', 'm%e:%E4'],
    ['me:%C3%A4%', 'me:ä%'],
    ['me', 'me:'],
    [':p', ':p'],
  ])('sends the credentials of the URL, %s, as basic authentication', async (credentials, sent) => {
    let authorization: string | undefined;
    const { href } = await serve((request, response) => {
      ({ authorization } = request.headers);
      response.end();
    });
    expect(await deliver(new URL(href.replace('//', `//${credentials}@`)))).toEqual(DELIVERED);
    expect(authorization).toBe(`Basic ${Buffer.from(sent).toString('base64')}`);
  });

  it.each([
    [429, { status: 'failed', retryAfterMillis: 2000 }],
    [502, { status: 'failed' }],
    [503, { status: 'failed' }],
    [504, { status: 'failed' }],
    [413, { status: 'too_large' }],
    [300, { status: 'refused' }],
    [301, { status: 'refused' }],
    [400, { status: 'refused' }],
    [401, { status: 'refused' }],
    [500, { status: 'refused' }],
    [501, { status: 'refused' }],
  ])('judges %i', async (code, expected) => {
    const url = await serve((_request, response) => {
      response.writeHead(code, { 'content-type': 'application/json', 'retry-after': '2' });
      response.end('{"message":\n  "why not"}');
    });
    const result = await deliver(url);
    expect(result).toMatchObject(expected);
    expect('error' in result && result.error.message).toBe(`HTTP ${code} ({"message": "why not"})`);
  });

  describe('says of a refusal what the backend says of it', () => {
    const JSON_BODY = 'application/json';
    const PROTOBUF = 'application/x-protobuf';
    const long = 'ä'.repeat(300);
    it.each<[string, string, Uint8Array | string, string]>([
      ['a Status in JSON', JSON_BODY, '{"code":3,"message":"no such tenant","details":[{"a":1}]}', ' (no such tenant)'],
      ['with a charset', 'Application/JSON; charset=utf-8', '{"code":3,"message":"no"}', ' (no)'],
      ['a Status in protobuf', PROTOBUF, statusOf({ code: 3, message: 'no such tenant' }), ' (no such tenant)'],
      ['its message first', PROTOBUF, Buffer.from([0x12, 2, 0x6e, 0x6f, 0x08, 3]), ' (no)'],
      ['twice: the last counts', PROTOBUF, Buffer.from([0x12, 1, 0x78, 0x12, 2, 0x6e, 0x6f]), ' (no)'],
      [
        'with details and unknown fields',
        PROTOBUF,
        Buffer.from([0x1a, 1, 0, 0x25, 1, 2, 3, 4, 0x29, 1, 2, 3, 4, 5, 6, 7, 8, 0x12, 2, 0x6e, 0x6f]),
        ' (no)',
      ],
      ['on several lines, with colours', PROTOBUF, statusOf({ message: 'a\n\n\u001b[31mb\t ' }), ' (a [31mb)'],
      ['long', PROTOBUF, statusOf({ message: long }), ` (${'ä'.repeat(200)}…)`],
      ['long, as text', 'text/plain', long, ` (${'ä'.repeat(200)}…)`],
      ['just short enough', 'text/plain', 'ä'.repeat(200), ` (${'ä'.repeat(200)})`],
      ['without a message', PROTOBUF, statusOf({ code: 3 }), ''],
      ['no bytes', PROTOBUF, '', ''],
      ['a cut message', PROTOBUF, Buffer.from([0x12, 9, 0x6e, 0x6f]), ''],
      ['a cut number', PROTOBUF, Buffer.from([0x12, 2, 0x6e, 0x6f, 0x08, 0xff]), ''],
      ['what is no protobuf', PROTOBUF, '<html>no</html>', ''],
      ['what is no UTF-8', PROTOBUF, Buffer.from([0x12, 2, 0xff, 0xfe]), ' (\ufffd\ufffd)'],
      ['JSON that is no Status', JSON_BODY, '{"error":"no"}', ' ({"error":"no"})'],
      ['JSON that is none', JSON_BODY, 'no', ' (no)'],
      ['JSON null', JSON_BODY, 'null', ' (null)'],
      ['HTML', 'text/html', '<p>no</p>', ''],
    ])('%s', async (_what, type, body, words) => {
      for (const coding of ['identity', 'gzip']) {
        const url = await serve((_request, response) => {
          response.writeHead(400, { 'content-type': type, 'content-encoding': coding });
          response.end(coding === 'gzip' ? gzipSync(body) : body);
        });
        const result = await deliver(url);
        expect('error' in result && result.error.message).toBe(`HTTP 400${words}`);
      }
    });

    it('what says that it is gzip and is not', async () => {
      const url = await serve((_request, response) => {
        response.writeHead(400, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end('no');
      });
      const result = await deliver(url);
      expect('error' in result && result.error.message).toBe('HTTP 400 (no)');
    });

    it.each(['json', 'protobuf'] as const)('our own collector, in %s', async (encoding) => {
      const type = encoding === 'json' ? JSON_BODY : PROTOBUF;
      const refusal = { status: 413, message: 'the body may hold 1 bytes (got 2)' } as const;
      const url = await serve((_request, response) => {
        response.writeHead(413, { 'content-type': type }).end(encodeRefusal(encoding, refusal));
      });
      expect(await deliver(url)).toEqual({
        status: 'too_large',
        error: new Error('HTTP 413 (the body may hold 1 bytes (got 2))'),
      });
    });
  });

  it('reads a partial success that is compressed', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('{"rejected":1,"message":"too old"}'));
    });
    expect(await deliver(url)).toEqual({ status: 'delivered', rejected: 1, message: 'too old' });
  });

  it('reads a partial success', async () => {
    const url = await serve((_request, response) => response.end('{"rejected":1,"message":"too old"}'));
    expect(await deliver(url)).toEqual({ status: 'delivered', rejected: 1, message: 'too old' });
  });

  it.each(['not what OTLP says', '{"rejected":-3,"message":""}', '{"rejected":"x","message":""}'])(
    'takes a 200 as a yes although its body is %j',
    async (body) => {
      const url = await serve((_request, response) => response.end(body));
      expect(await deliver(url)).toEqual(DELIVERED);
    },
  );

  it('stops reading a response that does not end', async () => {
    const url = await serve((_request, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    expect(await deliver(url)).toMatchObject({
      status: 'failed',
      error: new Error('the response is larger than 4194304 bytes'),
    });
  });

  it('does not send more than OTLP allows', async () => {
    const url = await serve((_request, response) => response.end());
    const huge = { ...WORDS, serialize: () => new Uint8Array(64 * 1024 * 1024 + 1) };
    expect(await deliver(url, undefined, { encoding: huge })).toEqual({
      status: 'too_large',
      error: new Error('2 words are 67108865 bytes, OTLP allows 67108864'),
    });
    const large = { ...WORDS, serialize: () => new Uint8Array(64 * 1024 * 1024) };
    expect(await deliver(url, undefined, { encoding: large })).toEqual(DELIVERED);
  });

  it('asks for headers that are made for each request; a failure to make them is tried again', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    let tokens = 0;
    const headers = async () => ({ authorization: `token ${(tokens += 1)}` });
    expect([await deliver(url, undefined, { headers }), await deliver(url, undefined, { headers })]).toEqual([
      DELIVERED,
      DELIVERED,
    ]);
    expect(seen).toEqual(['token 1', 'token 2']);
    const fails = (reason: unknown) =>
      deliver(url, undefined, {
        headers: async () => {
          throw reason;
        },
      });
    expect(await fails(new Error('no token'))).toEqual({
      status: 'failed',
      error: new Error('no token'),
      retryAfterMillis: 0,
    });
    expect(await fails(undefined)).toMatchObject({ status: 'failed', retryAfterMillis: 0 });
    expect(seen).toHaveLength(2);
  });

  it('sends nothing of a batch that cannot be encoded', async () => {
    const url = await serve(() => expect.unreachable());
    const broken = {
      ...WORDS,
      serialize: () => {
        throw new Error('cannot be serialised');
      },
    };
    expect(await deliver(url, undefined, { encoding: broken })).toEqual({
      status: 'invalid',
      error: new Error('cannot be serialised'),
    });
  });

  it('reports the reason of an abort as the error', async () => {
    const attempt = new AbortController();
    const url = await serve(() => attempt.abort(new Error('no answer within 1 ms')));
    expect(await deliver(url, attempt.signal)).toEqual({
      status: 'failed',
      error: new Error('no answer within 1 ms'),
      retryAfterMillis: 0,
    });
  });
});

describe('a redirection', () => {
  /** Redirects the first request for `/v1/words` to `location`, and answers 200 to all others. */
  async function redirect(code: number, location: string, always = false) {
    const seen: string[] = [];
    const url = await serve(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      seen.push(`${request.method} ${request.url} ${body} ${request.headers.authorization ?? '-'}`);
      if (request.url === '/v1/words' || always) response.writeHead(code, { location });
      response.end();
    });
    url.username = 'me';
    return { url, seen };
  }
  const BASIC = `Basic ${Buffer.from('me:').toString('base64')}`;

  it.each([307, 308])('of %i to the same host is followed, with body and credentials', async (code) => {
    const { url, seen } = await redirect(code, '/v1/words/');
    expect(await deliver(url)).toEqual(DELIVERED);
    expect(seen).toEqual([`POST /v1/words a b ${BASIC}`, `POST /v1/words/ a b ${BASIC}`]);
  });

  it('that is permanent is remembered, another is not', async () => {
    for (const [code, paths] of [
      [308, ['/v1/words', '/moved', '/moved']],
      [307, ['/v1/words', '/moved', '/v1/words', '/moved']],
    ] as const) {
      const { url, seen } = await redirect(code, '/moved');
      const client = new HttpClient({
        url,
        tls: { ca: undefined, key: undefined, cert: undefined },
        maxConnections: 1,
      });
      onTestFinished(() => client.close());
      const { signal } = new AbortController();
      for (let i = 0; i < 2; i += 1) {
        expect(await client.post(Buffer.from('x'), {}, signal)).toMatchObject({ status: 'answered', code: 200 });
      }
      expect(seen.map((line) => line.split(' ')[1])).toEqual(paths);
    }
  });

  it.each([
    [308, 'http://localhost:1/v1/words?key=secret', 'HTTP 308 to http://localhost:1/v1/words?[redacted]'],
    [307, 'ftp://127.0.0.1/', 'HTTP 307 to ftp://127.0.0.1/'],
    [308, 'http://', 'HTTP 308 to http://'],
    [301, '/v1/words/', 'HTTP 301 to /v1/words/'],
    [302, '/v1/words/', 'HTTP 302 to /v1/words/'],
    [303, '/v1/words/', 'HTTP 303 to /v1/words/'],
  ])('of %i to %s is refused, and the message says where it leads', async (code, location, message) => {
    const { url, seen } = await redirect(code, location);
    expect(await deliver(url)).toEqual({ status: 'refused', error: new Error(message) });
    expect(seen).toHaveLength(1);
  });

  it('to TLS of the same host is followed, back to plain text it is not', async () => {
    const tls = { key: readFileSync(serverCertificate.key), cert: readFileSync(serverCertificate.cert) };
    let secureLocation: string | undefined;
    const secure = createTlsServer(tls, (_request, response) => {
      if (secureLocation !== undefined) response.writeHead(307, { location: secureLocation });
      response.end();
    });
    const location = `https://127.0.0.1:${await listen(secure)}/v1/words`;
    const { url, seen } = await redirect(308, location);
    const client = new HttpClient({
      url,
      tls: { ca: readFileSync(authority), key: undefined, cert: undefined },
      maxConnections: 1,
    });
    onTestFinished(() => client.close());
    expect(await deliver(url, undefined, { client })).toEqual(DELIVERED);
    secureLocation = url.href;
    expect(await deliver(url, undefined, { client })).toMatchObject({ status: 'refused' });
    expect(seen).toHaveLength(1);
  });

  it('in a circle is refused', async () => {
    const { url, seen } = await redirect(308, '/v1/words', true);
    expect(await deliver(url)).toMatchObject({ status: 'refused' });
    expect(seen).toHaveLength(4);
  });
});

describe('HttpClient', () => {
  it('sends a request again when the server had closed the kept-alive connection', async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      // The second request on a connection finds it gone.
      if (requests === 2) request.socket.resetAndDestroy();
      else response.end();
    });
    const client = new HttpClient({ url, tls: { ca: undefined, key: undefined, cert: undefined }, maxConnections: 1 });
    onTestFinished(() => client.close());
    const { signal } = new AbortController();
    const post = async () => (await client.post(Buffer.from('x'), {}, signal)).status;
    expect([await post(), await post(), await post()]).toEqual(['answered', 'answered', 'answered']);
    expect(requests).toBe(4);
  });
});
