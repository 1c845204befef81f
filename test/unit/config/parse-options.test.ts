import { expect, test } from 'vitest';
import { resolveConfig } from '../../../src/config/resolve-config.ts';

const EXPRESS = '@opentelemetry/instrumentation-express';
const NAME = 'SWANSONG_INSTRUMENTATIONS_CONFIG';
const example = '{\\"express\\":{\\"ignoreLayersType\\":[\\"middleware\\"]}}'.replaceAll('\\', '');
const layers = { ignoreLayersType: ['middleware'] };

test.each([
  ['a short name', JSON.stringify({ express: layers }), { [EXPRESS]: layers }, []],
  [
    'the name of the package',
    JSON.stringify({ [EXPRESS]: layers, '@a/b': { c: 1 } }),
    { [EXPRESS]: layers, '@a/b': { c: 1 } },
    [],
  ],
  ['both names of one package', `{"express":{"a":1,"b":1},"${EXPRESS}":{"b":2}}`, { [EXPRESS]: { a: 1, b: 2 } }, []],
  ['nothing', '{}', {}, []],
  [
    'bad JSON',
    '{"express":',
    {},
    [`${NAME}: expected a JSON object of options by name, such as ${example} (got "{\\"express\\":"), using none`],
  ],
  [
    'a list',
    '[1]',
    {},
    [`${NAME}: expected a JSON object of options by name, such as ${example} (got "[1]"), using none`],
  ],
  [
    'a name that is not loaded, beside one that is',
    JSON.stringify({ exprss: layers, express: layers }),
    { [EXPRESS]: layers },
    [
      `${NAME}: expected names that SWANSONG_INSTRUMENTATIONS has, each with an object (got "exprss"), using ${EXPRESS}={"ignoreLayersType":["middleware"]}`,
    ],
  ],
  [
    'options that are no object, and __proto__',
    '{"express":["middleware"],"__proto__":{"a":1}}',
    {},
    [
      `${NAME}: expected names that SWANSONG_INSTRUMENTATIONS has, each with an object (got "express": "[\\"middleware\\"]", "__proto__"), using none`,
    ],
  ],
])('options of instrumentations: %s', (_title, raw, options, warnings) => {
  const resolved = resolveConfig({ SWANSONG_INSTRUMENTATIONS: 'express,@a/b', [NAME]: raw });
  expect({ options: resolved.config.instrumentations.options, warnings: resolved.warnings }).toEqual({
    options,
    warnings,
  });
});
