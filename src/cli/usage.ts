/** An invalid command line; the message says what was given and what was expected. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Usage: swansong collector [options]

Receives OTLP over HTTP and appends it to traces.jsonl, metrics.jsonl and logs.jsonl.
Ends on SIGINT or SIGTERM, after it has answered and written what it has received.

Options:
  --port PORT             port to listen on, 0 for a free one (default 4318)
  --host HOST             address to listen on (default 127.0.0.1)
  --dir DIRECTORY         folder of the files (default ./telemetry)
  --fsync WHEN            when a line must be on the disk: never (the system decides),
                          interval (within a second) or always (before the request is
                          answered) (default interval)
  --max-body SIZE         largest request body, before and after decompression
                          (default 64MiB, at most 256MiB)
  --rotate-size SIZE      begin a new file at this size, none: never (default 128MiB)
  --rotate-age AGE        begin a new file at this age, none: never (default none)
  --max-total-size SIZE   of all files together, a third for each signal; the oldest are
                          removed, none: no limit (default 2GiB)
  --token TOKEN           requests must carry it: Authorization: Bearer TOKEN
                          (default: SWANSONG_COLLECTOR_TOKEN, which ps does not show)
  --cors-origin ORIGIN    let pages of this origin send from a browser, * for all;
                          may be given more than once
  --allow-host HOST       take requests for this host name too, .example.com for all names
                          below it, * for all; may be given more than once (default:
                          localhost and the address; on every address, such as 0.0.0.0,
                          also IP addresses and names of a local network)
  --self-metrics-file FILE       write metrics about the collector as lines of OTLP JSON
  --self-metrics-http ADDRESS    serve them at /metrics and /debug/vars of a port or host:port
  --self-metrics-otlp URL        send them to another collector
  --self-metrics-interval AGE    time between two lines or requests (default 60s)
  --help                  show this and end
  --version               show the version and end

A SIZE is a number of bytes or has a unit: 65536, 512KiB, 64MiB, 2GiB.
An AGE is a number with a unit: 500ms, 30s, 15m, 12h, 7d.

Exit codes: 0 ended by a signal, 1 could not start or could not write what it had accepted,
2 wrong usage. A second signal ends it at once (128 plus the signal's number in a shell).
`;
