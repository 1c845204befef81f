import { describe, expect, test } from 'vitest';
import { DecodeFailure } from '../../../../src/collector/codec/decode-failure.ts';
import { decodeJson } from '../../../../src/collector/codec/otlp-json.ts';

const span = (fields: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[{${fields}}]}]}]}`;
const attribute = (value: string): string => span(`"attributes":[{"key":"k","value":${value}}]`);
const decodeText = (text: string): unknown => decodeJson('TracesData', Buffer.from(text));

function failureOf(text: string | Buffer): Pick<DecodeFailure, 'reason' | 'path' | 'message'> {
  try {
    decodeJson('TracesData', Buffer.from(text));
  } catch (error) {
    if (error instanceof DecodeFailure) return { reason: error.reason, path: error.path, message: error.message };
    throw error;
  }
  throw new Error('nothing was wrong with it');
}

describe('what is stored', () => {
  test.each([
    [
      'unknown fields are dropped, at every level',
      span('"name":"a","future":{"x":[1]},"events":[{"name":"e","y":1}]'),
      span('"name":"a","events":[{"name":"e"}]'),
    ],
    ['only lowerCamelCase is known', span('"trace_id":"ab","name":"a"'), span('"name":"a"')],
    [
      'defaults are left out',
      span('"name":"","kind":0,"startTimeUnixNano":"0","attributes":[],"status":{},"flags":0'),
      span(''),
    ],
    ['null is the default', span('"name":null,"attributes":null,"status":null,"kind":2'), span('"kind":2')],
    ['keys follow the schema', span('"kind":1,"name":"a","traceId":"AB"'), span('"traceId":"ab","name":"a","kind":1')],
    ['a chosen value stays, were it zero or empty', attribute('{"intValue":0}'), attribute('{"intValue":"0"}')],
    ['an empty list as a value stays', attribute('{"arrayValue":{"values":[]}}'), attribute('{"arrayValue":{}}')],
    ['an empty value is no value', attribute('{}'), span('"attributes":[{"key":"k"}]')],
    [
      'an empty value in a list keeps its place',
      attribute('{"arrayValue":{"values":[{},{"boolValue":false}]}}'),
      attribute('{"arrayValue":{"values":[{},{"boolValue":false}]}}'),
    ],
    [
      'a null member of a oneof is absent',
      attribute('{"stringValue":null,"intValue":1}'),
      attribute('{"intValue":"1"}'),
    ],
    [
      'the largest integers are exact, as strings',
      attribute('{"intValue":"9223372036854775807"}'),
      attribute('{"intValue":"9223372036854775807"}'),
    ],
    [
      '… and as numbers',
      attribute('{"intValue":-9223372036854775807}'),
      attribute('{"intValue":"-9223372036854775807"}'),
    ],
    [
      '… timestamps too',
      span('"startTimeUnixNano":1795357453457514345'),
      span('"startTimeUnixNano":"1795357453457514345"'),
    ],
    [
      'an exact integer does not touch doubles beside it',
      attribute(
        '{"arrayValue":{"values":[{"intValue":9007199254740993},{"doubleValue":1e17},{"doubleValue":12345678901234567890}]}}',
      ),
      attribute(
        '{"arrayValue":{"values":[{"intValue":"9007199254740993"},{"doubleValue":100000000000000000},{"doubleValue":12345678901234567000}]}}',
      ),
    ],
    [
      'an integral number beyond 64 bits is a double',
      attribute('{"intValue":1e300}'),
      attribute('{"doubleValue":1e+300}'),
    ],
    [
      '… written in full too',
      attribute('{"intValue":9223372036854775808}'),
      attribute('{"doubleValue":9223372036854776000}'),
    ],
    [
      'names of Object.prototype are no fields',
      span('"__proto__":{"name":"x"},"constructor":1,"toString":2'),
      span(''),
    ],
    ['an empty request is empty', '{}', '{}'],
    ['whitespace and a newline in a string do no harm', ` {\n"resourceSpans": [] } `, '{}'],
  ])('%s', (_rule, input, expected) => {
    expect(JSON.stringify(decodeText(input))).toBe(expected);
  });
});

describe('what is refused, and where', () => {
  const at = 'resourceSpans[0].scopeSpans[0].spans[0]';
  test.each([
    ['not JSON', '{"resourceSpans"', '', expect.stringMatching(/^not valid JSON \(/)],
    ['empty', '', '', expect.stringMatching(/^not valid JSON \(/)],
    ['not an object', '[]', '', 'expected an object (got an array)'],
    ['null', 'null', '', 'expected an object (got null)'],
    ['a list that is none', '{"resourceSpans":{}}', 'resourceSpans', 'expected an array (got an object)'],
    ['a null in a list', '{"resourceSpans":[null]}', 'resourceSpans[0]', 'expected an object (got null)'],
    ['a message that is none', span('"status":"ok"'), `${at}.status`, 'expected an object (got "ok")'],
    ['an id that is no text', span('"traceId":5'), `${at}.traceId`, 'expected a string of hexadecimal digits (got 5)'],
    [
      'the name of an enum value',
      span('"kind":"SPAN_KIND_SERVER"'),
      `${at}.kind`,
      'expected an enum value as an integer (got "SPAN_KIND_SERVER")',
    ],
    [
      'a number as a string',
      span('"name":12345678901234567890'),
      `${at}.name`,
      'expected a string (got 12345678901234567890)',
    ],
    [
      'a fraction as an integer',
      attribute('{"intValue":1.5}'),
      `${at}.attributes[0].value.intValue`,
      'expected an integer from -9223372036854775808 to 9223372036854775807, as a string of decimal digits or a number (got 1.5)',
    ],
    [
      'a negative time',
      span('"endTimeUnixNano":-1'),
      `${at}.endTimeUnixNano`,
      'expected an integer from 0 to 18446744073709551615, as a string of decimal digits or a number (got -1)',
    ],
    [
      'two members of a oneof',
      attribute('{"stringValue":"a","boolValue":false}'),
      `${at}.attributes[0].value.boolValue`,
      'expected nothing beside stringValue (got false)',
    ],
    [
      'a long text is cut',
      span(`"kind":"${'x'.repeat(100)}"`),
      `${at}.kind`,
      `expected an enum value as an integer (got "${'x'.repeat(40)}…")`,
    ],
    [
      'an element of a list of scalars',
      '{"resourceSpans":[{"resource":{"entityRefs":[{},{"idKeys":["a",2]}]}}]}',
      'resourceSpans[0].resource.entityRefs[1].idKeys[1]',
      'expected a string (got 2)',
    ],
  ])('%s', (_what, input, path, message) => {
    expect(failureOf(input)).toEqual({ reason: 'malformed', path, message });
  });
});

describe('bounds', () => {
  const nested = (depth: number): string =>
    attribute(`${'{"arrayValue":{"values":['.repeat(depth - 1)}{"boolValue":true}${']}}'.repeat(depth - 1)}`);

  test('values may nest 100 deep', () => {
    expect(JSON.stringify(decodeText(nested(100)))).toBe(nested(100));
    expect(failureOf(nested(101))).toMatchObject({
      reason: 'too-deep',
      message: 'attribute values nested deeper than 100',
    });
  });

  test('400 000 brackets in an unknown field, read twice for an exact integer, are refused and break nothing', () => {
    const brackets = '['.repeat(400_000) + ']'.repeat(400_000);
    const text = span(`"future":${brackets},"endTimeUnixNano":1795357453457514345`);
    expect(failureOf(text)).toMatchObject({
      reason: 'malformed',
      message: expect.stringMatching(/^not valid JSON \(/),
    });
  });

  test('more than a million objects are refused before they are parsed, in an unknown field too', () => {
    const text = `{"future":[{}${',{}'.repeat(1_000_000)}]}`;
    expect(failureOf(text)).toMatchObject({ reason: 'too-large' });
  });

  test('brackets in texts are not counted', () => {
    const text = attribute(JSON.stringify({ stringValue: `"\\${'[{'.repeat(1_000_000)}` }));
    expect(JSON.stringify(decodeText(text))).toBe(text);
  });

  test('more than a million numbers are refused', () => {
    const counts = '1'.concat(',1'.repeat(1_000_000));
    const text = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"bucketCounts":[${counts}]}]}}]}]}]}`;
    expect(() => decodeJson('MetricsData', Buffer.from(text))).toThrow('more than 5000000 messages and list elements');
  });
});
