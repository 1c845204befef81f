/** The rows of the table in `variables.ts` for metrics about swansong and the process itself; see `startSelfMetrics()`. */
export const selfMetricsVariables = {
  SWANSONG_SELF_METRICS_FILE: {
    kind: 'file',
    description: 'Where metrics about swansong and this process are appended, one line of OTLP JSON per interval.',
  },
  SWANSONG_SELF_METRICS_FILE_MAX_SIZE: {
    kind: 'integer',
    min: 1,
    default: 10_485_760,
    description: 'Bytes at which that file is renamed and a new one begun.',
  },
  SWANSONG_SELF_METRICS_FILE_MAX_TOTAL_SIZE: {
    kind: 'integer',
    min: 1,
    default: 52_428_800,
    description: 'Bytes that file and the renamed ones may hold together; the oldest are removed.',
  },
  SWANSONG_SELF_METRICS_HTTP: {
    kind: 'address',
    description: 'Where the same metrics are served: `/metrics` for Prometheus, `/debug/vars` as JSON.',
  },
  SWANSONG_SELF_METRICS_HTTP_ALLOWED_HOSTS: {
    kind: 'hosts',
    description:
      'Host names that requests there may be for, beside loopback names and the address itself; `.example.com` for all names below it, `*` for all.',
  },
  SWANSONG_SELF_METRICS_OTLP: {
    kind: 'collector',
    description: 'Where the same metrics are sent: the base URL of another collector; `v1/metrics` is appended.',
  },
  SWANSONG_SELF_METRICS_OTLP_HEADERS: {
    kind: 'headers',
    secret: true,
    description: 'Headers of those requests.',
  },
  SWANSONG_SELF_METRICS_INTERVAL: {
    kind: 'duration',
    min: 1,
    default: 60_000,
    description: 'Time between two collections for the file and the other collector.',
  },
} as const;
