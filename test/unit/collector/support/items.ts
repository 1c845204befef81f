/** The least that a valid span has. */
export const SPAN = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'a',
  startTimeUnixNano: '1700000000000000000',
  endTimeUnixNano: '1700000000000000001',
};

/** The least that is stored of a log record. */
export const RECORD = { observedTimeUnixNano: '1700000000000000000' };

export const POINT = { timeUnixNano: '1700000000000000000', asInt: '1' };

export const traces = (...spans: readonly object[]): object => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
export const logs = (...logRecords: readonly object[]): object => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
export const metrics = (...list: readonly object[]): object => ({
  resourceMetrics: [{ scopeMetrics: [{ metrics: list }] }],
});
