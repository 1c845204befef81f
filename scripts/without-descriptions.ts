import type { Rolldown } from 'tsdown';

/** The schema in the validator of `@opentelemetry/configuration`: a quarter of it is descriptions, which are never printed. */
const VALIDATOR = /@opentelemetry\/configuration\/dist\/generated\/validator/;

/** A rolldown plugin that removes the descriptions of the schema. It fails the build if it finds none. */
export function withoutDescriptions(): Rolldown.Plugin {
  return {
    name: 'without-descriptions',
    transform(code, id) {
      if (!VALIDATOR.test(id)) return null;
      const shorter = code.replaceAll(/"description": "(?:[^"\\]|\\.)*",?/g, '');
      if (shorter === code) throw new Error(`${id}: expected descriptions in the schema, there are none`);
      return { code: shorter, map: null };
    },
  };
}
