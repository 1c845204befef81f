import { expect, it } from 'vitest';
import { commandText, isBlocking } from '../../../../src/instrumentation/channels/redis-command-text.ts';

const SECRET = 'swordfish';

it.each<[string, string[], string]>([
  ['GET', ['key'], 'GET key'],
  ['SET', ['key', SECRET, 'EX', '10'], 'SET key ? ? ?'],
  ['MSET', ['key', SECRET, SECRET, SECRET], 'MSET key ? ? ?'],
  ['EVAL', [SECRET, '2', 'key', SECRET, SECRET], 'EVAL ? ? key ? ?'],
  ['EVALSHA', [SECRET, '0', SECRET], 'EVALSHA ? ? ?'],
  ['FCALL', ['?', '?', '?'], 'FCALL ? ? ?'],
  ['ZUNION', ['2', 'key', SECRET], 'ZUNION ? key ?'],
  ['BLMPOP', ['1', '2', 'key', SECRET, 'LEFT'], 'BLMPOP ? ? key ? ?'],
  ['BITOP', [SECRET, 'key', SECRET], 'BITOP ? key ?'],
  ['XREAD', ['COUNT', '1', 'streams', 'key', '0'], 'XREAD ? ? ? key ?'],
  ['XREAD', [SECRET], 'XREAD ?'],
  ['AUTH', [SECRET, SECRET], 'AUTH'],
  ['HELLO', ['3', 'AUTH', SECRET, SECRET], 'HELLO'],
  ['CONFIG', ['SET', 'requirepass', SECRET], 'CONFIG'],
  ['ACL', ['SETUSER', SECRET], 'ACL'],
  ['PUBLISH', [SECRET, SECRET], 'PUBLISH ? ?'],
  ['FT.SEARCH', [SECRET, SECRET], 'FT.SEARCH ? ?'],
  ['PING', [], 'PING'],
  ['DEL', Array.from({ length: 20 }, (_, index) => (index === 0 ? 'key' : SECRET)), `DEL key${' ?'.repeat(15)} ...`],
  ['GET', ['k'.repeat(300)], `GET ${'k'.repeat(256)}`],
])('%s %j', (command, args, expected) => {
  expect(commandText(command, args)).toBe(expected);
});

it.each<[string, string[], boolean]>([
  ['BRPOP', ['key', '0'], true],
  ['WAIT', ['1', '0'], true],
  ['XREAD', ['BLOCK', '0', 'STREAMS', 'key', '$'], true],
  ['XREADGROUP', ['GROUP', 'g', 'c', 'block', '5', 'STREAMS', 'key', '>'], true],
  ['XREAD', ['STREAMS', 'key', '0'], false],
  ['GET', ['BLOCK'], false],
])('%s %j waits: %s', (command, args, expected) => {
  expect(isBlocking(command, args)).toBe(expected);
});
