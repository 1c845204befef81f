import type { Rolldown } from 'tsdown';

interface Change {
  readonly module: RegExp;
  readonly from: string;
  readonly to: string;
}

const UTILS_OF_METRICS = /[\\/]@opentelemetry[\\/]sdk-metrics[\\/].*[\\/]utils\.m?js$/;
const TRACER = /[\\/]@opentelemetry[\\/]sdk-trace[\\/].*[\\/]Tracer\.m?js$/;
const ATTRIBUTES = /[\\/]@opentelemetry[\\/]core[\\/].*[\\/]attributes\.m?js$/;

/** What takes most of the SDK's time for a span and a measurement. The results are the same. */
const CHANGES: readonly Change[] = [
  {
    // Those of src/instrumentation/series-attributes.ts are hashed once: they are frozen, and have no lists.
    module: UTILS_OF_METRICS,
    from: 'function hashAttributes(attributes) {',
    to: `const hashes = new WeakMap();
function hashAttributes(attributes) {
	const known = hashes.get(attributes);
	if (known !== undefined) return known;
	const hash = computeHash(attributes);
	if (Object.isFrozen(attributes) && Object.values(attributes).every((value) => typeof value !== "object")) hashes.set(attributes, hash);
	return hash;
}
function computeHash(attributes) {`,
  },
  {
    // Texts, numbers and booleans within the limits need no check that could fail.
    module: ATTRIBUTES,
    from: 'function cleanAttributesInternal(inAttributes, limits, isValidValue) {\n',
    to: `function cleanPrimitives(inAttributes, { attributeCountLimit, attributeValueLengthLimit }) {
	if (attributeValueLengthLimit !== Infinity) return undefined;
	const attributes = {};
	let count = 0;
	for (const key of Object.keys(inAttributes)) {
		const val = inAttributes[key];
		if (val === undefined) continue;
		if (typeof val !== "string" && typeof val !== "number" && typeof val !== "boolean") return undefined;
		count++;
		if (count > attributeCountLimit || key === "") return undefined;
		attributes[key] = val;
	}
	return { attributes, droppedAttributesCount: 0 };
}
function cleanAttributesInternal(inAttributes, limits, isValidValue) {
	if (typeof inAttributes === "object" && inAttributes !== null) {
		const clean = cleanPrimitives(inAttributes, limits);
		if (clean !== undefined) return clean;
	}
`,
  },
  {
    // A second time, for the limits, only where there could be one.
    module: TRACER,
    from: 'const attrsData2 = cleanAttributes(Object.assign(attributes, samplingResult.attributes), this._spanLimits);',
    to: `const { attributeCountLimit, attributeValueLengthLimit } = this._spanLimits;
		const isWithinLimits = samplingResult.attributes === undefined && attributeValueLengthLimit === Infinity && Object.keys(attributes).length <= attributeCountLimit;
		const attrsData2 = isWithinLimits ? { attributes, droppedAttributesCount: 0 } : cleanAttributes(Object.assign(attributes, samplingResult.attributes), this._spanLimits);`,
  },
  {
    // A set for each value, which only a list or an object needs.
    module: ATTRIBUTES,
    from: 'function isAnyValue(val) {\n',
    to: `function isAnyValue(val) {
	if (typeof val === "string" || typeof val === "number" || typeof val === "boolean") return true;
`,
  },
];

/** A rolldown plugin. @throws Error, so that the build fails, where the SDK no longer has what is changed */
export function fasterSdk(): Rolldown.Plugin {
  const missing = new Set(CHANGES);
  return {
    name: 'faster-sdk',
    transform(code, id) {
      let changed = code;
      for (const change of CHANGES) {
        if (!change.module.test(id)) continue;
        if (!changed.includes(change.from)) throw new Error(`expected in ${id}: ${change.from}`);
        changed = changed.replace(change.from, () => change.to);
        missing.delete(change);
      }
      return changed === code ? null : { code: changed, map: null };
    },
    buildEnd() {
      for (const { module } of missing) throw new Error(`expected a module ${module.source}`);
    },
  };
}
