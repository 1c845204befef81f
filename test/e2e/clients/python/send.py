"""Sends spans, metrics and log records with the OpenTelemetry SDK for Python to OTEL_EXPORTER_OTLP_ENDPOINT, and prints each
request as a line of JSON, {"path": …, "request": …}: what went over the wire, as Python's own protobuf library reads it."""

import gzip
import json
import math
from urllib.parse import urlparse

from google.protobuf.json_format import MessageToDict
from opentelemetry import metrics, trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from requests import Session

SCOPE = "swansong.test/python"
REQUESTS = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
    "/v1/logs": ExportLogsServiceRequest,
}


class PrintingSession(Session):
    """Prints every request on its way."""

    def send(self, request, **options):
        path = urlparse(request.url).path
        body = gzip.decompress(request.body) if request.headers.get("Content-Encoding") == "gzip" else request.body
        message = REQUESTS[path].FromString(body)
        print(json.dumps({"path": path, "request": MessageToDict(message, use_integers_for_enums=True)}), flush=True)
        return super().send(request, **options)


# Of every type that an attribute of this SDK can have.
ATTRIBUTES = {
    "text": 'Grüße, 世界 🌍 "\\\n\t\x01',
    "empty": "",
    "true": True,
    "false": False,
    "zero": 0,
    "largest": 2**63 - 1,
    "smallest": -(2**63),
    "beyond 2^53": 2**53 + 1,
    "double": 0.1,
    "whole": 3.0,
    "large": 1e300,
    "tiny": 5e-324,
    "-0": -0.0,
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
    "texts": ["a", "", "ß"],
    "booleans": [True, False],
    "integers": [2**63 - 1, 0, -1],
    "doubles": [math.nan, -0.0, 1.5],
    "none": [],
}
NESTED = {
    "list": [1, "ß", {"bytes": b"\x00\xff"}],
    "map": {"map": {"NaN": math.nan, "largest": 2**63 - 1}},
    "nothing": None,
    "no members": {},
}
RESOURCE = Resource.create({**ATTRIBUTES, "service.name": "python"})


def send_spans():
    provider = TracerProvider(resource=RESOURCE, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(session=PrintingSession(), compression=Compression.Gzip)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer(SCOPE, "1.2.3", attributes={"of": "the scope"})
    with tracer.start_as_current_span("root", kind=SpanKind.SERVER, attributes=ATTRIBUTES) as root:
        for index in range(50):
            link = Link(root.get_span_context(), dict(list(ATTRIBUTES.items())[:3]))
            kind = list(SpanKind)[index % 5]
            child = tracer.start_span(f"child {index} 🌍", kind=kind, links=[link])
            child.add_event("event", ATTRIBUTES)
            if index % 2 == 0:
                child.record_exception(ValueError("on purpose"))
                child.set_status(Status(StatusCode.ERROR, "on purpose"))
            else:
                child.set_status(Status(StatusCode.OK))
            child.end()
    provider.shutdown()


def send_metrics():
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(session=PrintingSession()), export_interval_millis=60_000)
    view = View(instrument_name="exponential", aggregation=ExponentialBucketHistogramAggregation(max_size=20, max_scale=10))
    provider = MeterProvider([reader], resource=RESOURCE, views=[view], shutdown_on_exit=False)
    meter = provider.get_meter(SCOPE, "1.2.3")
    counter = meter.create_counter("counter", unit="{x}", description="Größe")
    up_down = meter.create_up_down_counter("up-down")
    gauge = meter.create_gauge("gauge")
    histogram = meter.create_histogram("histogram", explicit_bucket_boundaries_advisory=[-1, 0, 0.5, 10])
    exponential = meter.create_histogram("exponential")
    meter.create_observable_counter("observed", [lambda _options: [metrics.Observation(2**63 - 1)]])
    for index, value in enumerate([-0.0, 1e-300, 5e-324, 1e300, 7]):
        attributes = {"text": ATTRIBUTES["text"], "largest": 2**63 - 1, "point": index}
        counter.add(2**53 + index, attributes)
        up_down.add(-0.5 * index, attributes)
        gauge.set(value, attributes)
        for measured in [0, 0.25, 3, 1e9]:
            histogram.record(measured, attributes)
            exponential.record(measured, attributes)
    provider.shutdown()


def send_logs():
    provider = LoggerProvider(resource=RESOURCE, shutdown_on_exit=False)
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(session=PrintingSession())))
    logger = provider.get_logger(SCOPE)
    span = SpanContext(0x0102FF << 104, 0xFF01 << 48, is_remote=False, trace_flags=TraceFlags(1))
    context = trace.set_span_in_context(trace.NonRecordingSpan(span))
    bodies = ["Grüße, 世界 🌍\n", "", -(2**63), -0.0, False, b"\x00\x01\xfe\xff", NESTED, [NESTED, NESTED], None]
    for index, body in enumerate(bodies):
        logger.emit(
            LogRecord(
                timestamp=1_700_000_000_000_000_000 + index,
                context=context if index % 2 == 0 else None,
                severity_number=SeverityNumber(index * 3),
                severity_text="level",
                body=body,
                attributes={**ATTRIBUTES, "nested": NESTED},
                event_name=f"event {index}",
            )
        )
    provider.shutdown()


send_spans()
send_metrics()
send_logs()
