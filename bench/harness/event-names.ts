import { fieldsAt } from './protobuf-fields.ts';

// opentelemetry.proto.collector.logs.v1: resource_logs = 1, scope_logs = 2, log_records = 2, event_name = 12.
const PATH_TO_EVENT_NAME = [1, 2, 2, 12];

/** The event names of the log records in the body of an OTLP log request; records without one are left out. */
export function eventNamesOf(body: Buffer, contentType: string): string[] {
  if (!contentType.startsWith('application/json')) {
    return fieldsAt(body, PATH_TO_EVENT_NAME).map((name) => name.toString());
  }
  const request: LogsRequest = JSON.parse(body.toString());
  return (request.resourceLogs ?? [])
    .flatMap((resource) => resource.scopeLogs ?? [])
    .flatMap((scope) => scope.logRecords ?? [])
    .flatMap(({ eventName }) => (eventName === undefined || eventName === '' ? [] : [eventName]));
}

interface LogsRequest {
  resourceLogs?: { scopeLogs?: { logRecords?: { eventName?: string }[] }[] }[];
}
