/** 64-bit integer fields: proto3 JSON writes them as strings, since a JSON number cannot hold all values. */
const INT64: ReadonlySet<string> = new Set(['asInt', 'intValue', 'count', 'zeroCount']);
/** Double fields: JSON.stringify has written NaN and the infinities as `null`. */
const DOUBLE: ReadonlySet<string> = new Set(['asDouble', 'sum', 'min', 'max']);

/**
 * A collection as one line of the OTLP file format: `MetricsData` in OTLP's JSON mapping. The SDK's serialiser writes 64-bit
 * integers as JSON numbers; the mapping lets readers accept these, but writers must write strings.
 * @param json the output of the SDK's serialiser
 */
export function otlpFileLine(json: Uint8Array): Buffer {
  const data: unknown = JSON.parse(Buffer.from(json).toString(), (key, value: unknown) => {
    if (INT64.has(key) && typeof value === 'number') return String(value);
    if (key === 'bucketCounts' && Array.isArray(value)) return value.map(String);
    return DOUBLE.has(key) && value === null ? 'NaN' : value;
  });
  return Buffer.from(`${JSON.stringify(data)}\n`);
}
