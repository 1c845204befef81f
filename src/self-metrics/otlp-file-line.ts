/** Fields that proto3 JSON writes as strings, since a JSON number does not hold 64 bits. */
const INT64: ReadonlySet<string> = new Set(['asInt', 'intValue', 'count', 'zeroCount']);
/** Doubles, where JSON.stringify has made NaN and the infinities `null`. */
const DOUBLE: ReadonlySet<string> = new Set(['asDouble', 'sum', 'min', 'max']);

/**
 * A collection as one line of the OTLP file format: `MetricsData` in the JSON mapping of OTLP. The SDK's serialiser writes
 * integers as JSON numbers, which the mapping allows a reader to take and forbids a writer to write.
 * @param json what the serialiser made
 */
export function otlpFileLine(json: Uint8Array): Buffer {
  const data: unknown = JSON.parse(Buffer.from(json).toString(), (key, value: unknown) => {
    if (INT64.has(key) && typeof value === 'number') return String(value);
    if (key === 'bucketCounts' && Array.isArray(value)) return value.map(String);
    return DOUBLE.has(key) && value === null ? 'NaN' : value;
  });
  return Buffer.from(`${JSON.stringify(data)}\n`);
}
