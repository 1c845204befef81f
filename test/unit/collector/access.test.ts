import { describe, expect, test } from 'vitest';
import { JSON_TYPE, send } from './support/http-client.ts';
import { start } from './support/start.ts';

const ORIGIN = 'https://app.example';
const PREFLIGHT = {
  origin: ORIGIN,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type,x-tenant',
};

describe('a token', () => {
  test.each([
    ['none', {}, 401],
    ['another one', { authorization: 'Bearer secret2' }, 401],
    ['a part of it', { authorization: 'Bearer secre' }, 401],
    ['another scheme', { authorization: 'Basic secret' }, 401],
    ['the token', { authorization: 'Bearer secret' }, 200],
    ['the token, whatever the case of the scheme', { authorization: 'bearer  secret' }, 200],
  ])('%s', async (_what, headers, status) => {
    const { url } = await start({ token: 'secret' });
    const answer = await send(`${url}/v1/traces`, { headers: { ...JSON_TYPE, ...headers }, body: '{}' });
    expect(answer).toMatchObject(status === 200 ? { status } : { status, headers: { 'www-authenticate': 'Bearer' } });
    expect(answer.body.toString()).not.toContain('secret');
  });

  test('is not asked for what tells nothing', async () => {
    const { url } = await start({ token: 'secret' });
    expect(await send(`${url}/healthz`, { method: 'GET' })).toMatchObject({ status: 200 });
    expect(await send(url, { method: 'GET' })).toMatchObject({ status: 200 });
  });
});

describe('pages in browsers', () => {
  test('may not send by default: no answer says that they may', async () => {
    const { url } = await start({});
    const preflight = await send(`${url}/v1/traces`, { method: 'OPTIONS', headers: PREFLIGHT });
    const answer = await send(`${url}/v1/traces`, { headers: { ...JSON_TYPE, origin: ORIGIN }, body: '{}' });
    expect([preflight.status, answer.status]).toEqual([405, 200]);
    for (const { headers } of [preflight, answer]) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test.each([[[ORIGIN, 'http://localhost:5173']], [['*']]])('of %j may', async (corsOrigins) => {
    const { url } = await start({ corsOrigins, token: 'secret' });
    const preflight = await send(`${url}/v1/traces`, { method: 'OPTIONS', headers: PREFLIGHT });
    expect(preflight).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type,x-tenant',
        vary: 'origin',
      },
    });
    // A refusal too can be read by the page.
    const answer = await send(`${url}/v1/traces`, { headers: { ...JSON_TYPE, origin: ORIGIN }, body: '{}' });
    expect(answer).toMatchObject({ status: 401, headers: { 'access-control-allow-origin': ORIGIN, vary: 'origin' } });
  });

  test('of another origin may not', async () => {
    const { url } = await start({ corsOrigins: ['https://other.example'] });
    const preflight = await send(`${url}/v1/traces`, { method: 'OPTIONS', headers: PREFLIGHT });
    expect(preflight.status).toBe(405);
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
  });
});

test.each([
  [undefined, 'anyone who can reach this address can send and fill the disk; nothing is encrypted'],
  ['secret', 'anyone who can reach this address can guess its token; nothing is encrypted'],
])('an address that others reach is warned of, token %s', async (token, warning) => {
  const { reported, port } = await start({ host: '0.0.0.0', ...(token !== undefined && { token }) });
  expect(reported).toEqual([`listening on 0.0.0.0:${port}: ${warning}`]);
});

test('an address of this machine only is not', async () => {
  const { reported } = await start({ host: 'localhost' });
  expect(reported).toEqual([]);
});
