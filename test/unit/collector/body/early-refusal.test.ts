import { once } from 'node:events';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startCollector } from '../../../../src/collector.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { JSON_TYPE, openSocket } from '../support/http-client.ts';

const MIB = 1024 * 1024;
const BODY = Buffer.alloc(64 * MIB, ' ');
const TIMES = 50;

async function collecting(options: object): Promise<string> {
  const collector = await startCollector({ ...options, port: 0, directory: await temporaryFolder() });
  onTestFinished(async () => void (await collector.close()));
  return collector.url;
}

/** What a client sees: an answer, and the reset of its connection where there is one. */
async function post(url: string, headers: Readonly<Record<string, string | number>>): Promise<string> {
  const request: ClientRequest = httpRequest(`${url}/v1/traces`, { method: 'POST', agent: false, headers });
  let reset = '';
  request.on('error', (error) => (reset = `, ${error.message}`));
  try {
    request.end(BODY);
    const [response] = await once(request, 'response');
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    await (request.destroyed || once(request, 'close'));
    return `${response.statusCode} ${response.headers.connection} ${bytes > 0 ? 'with' : 'without'} a message${reset}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

async function manyTimes(url: string, headers: Readonly<Record<string, string | number>>) {
  const answers: Record<string, number> = {};
  for (let time = 0; time < TIMES; time += 1) {
    const answer = await post(url, headers);
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
  return answers;
}

describe('a body of 64 MiB that is refused before it has come', () => {
  const withLength = { ...JSON_TYPE, 'content-length': BODY.length };

  test('by its length: the answer arrives every time', async () => {
    const url = await collecting({ maxBodyBytes: MIB });
    expect(await manyTimes(url, withLength)).toEqual({ '413 close with a message': TIMES });
  });

  test('in chunks: the answer arrives every time', async () => {
    const url = await collecting({ maxBodyBytes: MIB });
    const answers = await manyTimes(url, { ...JSON_TYPE, 'transfer-encoding': 'chunked' });
    expect(answers).toEqual({ '413 close with a message': TIMES });
  });

  test('because too much is on its way: the answer arrives every time', async () => {
    const url = await collecting({ maxBodyBytes: 64 * MIB, maxBufferedBytes: 64 * MIB });
    // Holds a little of what all may hold.
    const other = await openSocket(url);
    other.write('POST /v1/logs HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n');
    other.write('content-type: application/json\r\ncontent-length: 9\r\n\r\n{');
    await once(other, 'data');
    expect(await manyTimes(url, withLength)).toEqual({ '429 close with a message': TIMES });
  });
});
