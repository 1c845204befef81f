// Sends spans, metrics and log records with the OpenTelemetry SDK for Go to OTEL_EXPORTER_OTLP_ENDPOINT, and prints each request
// as a line of JSON, {"path": …, "request": …}: what went over the wire, as Go's own protobuf library reads it.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otellog "go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	colmetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const scope = "swansong.test/go"

// Prints every request on its way.
type printer struct{ mutex sync.Mutex }

func (p *printer) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	if request.Header.Get("Content-Encoding") == "gzip" {
		reader, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		if body, err = io.ReadAll(reader); err != nil {
			return nil, err
		}
	}
	messages := map[string]proto.Message{
		"/v1/traces":  &coltrace.ExportTraceServiceRequest{},
		"/v1/metrics": &colmetrics.ExportMetricsServiceRequest{},
		"/v1/logs":    &collogs.ExportLogsServiceRequest{},
	}
	message := messages[request.URL.Path]
	if err := proto.Unmarshal(body, message); err != nil {
		return nil, err
	}
	text, err := protojson.MarshalOptions{UseEnumNumbers: true}.Marshal(message)
	if err != nil {
		return nil, err
	}
	line, err := json.Marshal(map[string]any{"path": request.URL.Path, "request": json.RawMessage(text)})
	if err != nil {
		return nil, err
	}
	p.mutex.Lock()
	fmt.Println(string(line))
	p.mutex.Unlock()
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil && response.StatusCode != http.StatusOK {
		log.Printf("%s: %s", request.URL.Path, response.Status)
	}
	return response, err
}

// Of every type that an attribute of this SDK can have.
var attributes = []attribute.KeyValue{
	attribute.String("text", "Grüße, 世界 🌍 \"\\\n\t\x01"),
	attribute.String("empty", ""),
	attribute.Bool("true", true),
	attribute.Bool("false", false),
	attribute.Int64("zero", 0),
	attribute.Int64("largest", math.MaxInt64),
	attribute.Int64("smallest", math.MinInt64),
	attribute.Int64("beyond 2^53", 1<<53+1),
	attribute.Float64("double", 0.1),
	attribute.Float64("whole", 3),
	attribute.Float64("large", 1e300),
	attribute.Float64("tiny", 5e-324),
	attribute.Float64("-0", math.Copysign(0, -1)),
	attribute.Float64("NaN", math.NaN()),
	attribute.Float64("Infinity", math.Inf(1)),
	attribute.Float64("-Infinity", math.Inf(-1)),
	attribute.StringSlice("texts", []string{"a", "", "ß"}),
	attribute.BoolSlice("booleans", []bool{true, false}),
	attribute.Int64Slice("integers", []int64{math.MaxInt64, 0, -1}),
	attribute.Float64Slice("doubles", []float64{math.NaN(), math.Copysign(0, -1), 1.5}),
	attribute.StringSlice("none", []string{}),
	attribute.ByteSlice("bytes", []byte{0, 255, 10}),
	attribute.Slice("mixed", attribute.IntValue(1), attribute.StringValue("two"), attribute.SliceValue(attribute.BoolValue(true))),
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client := &http.Client{Transport: &printer{}}
	res := resource.NewSchemaless(append(attributes, attribute.String("service.name", "go"))...)
	if err := errors.Join(spans(ctx, client, res), metrics(ctx, client, res), logs(ctx, client, res)); err != nil {
		log.Fatal(err)
	}
}

func spans(ctx context.Context, client *http.Client, res *resource.Resource) error {
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithHTTPClient(client))
	if err != nil {
		return err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res))
	tracer := provider.Tracer(scope, trace.WithInstrumentationVersion("1.2.3"), trace.WithInstrumentationAttributes(attribute.String("of", "the scope")))
	inner, root := tracer.Start(ctx, "root", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attributes...))
	for index := range 50 {
		_, child := tracer.Start(inner, fmt.Sprintf("child %d 🌍", index),
			trace.WithSpanKind(trace.SpanKind(1+index%5)),
			trace.WithLinks(trace.Link{SpanContext: root.SpanContext(), Attributes: attributes[:3]}))
		child.AddEvent("event", trace.WithAttributes(attributes...))
		if index%2 == 0 {
			child.RecordError(errors.New("on purpose"), trace.WithStackTrace(true))
			child.SetStatus(codes.Error, "on purpose")
		} else {
			child.SetStatus(codes.Ok, "")
		}
		child.End()
	}
	root.End()
	return provider.Shutdown(ctx)
}

func metrics(ctx context.Context, client *http.Client, res *resource.Resource) error {
	exporter, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithHTTPClient(client), otlpmetrichttp.WithCompression(otlpmetrichttp.GzipCompression))
	if err != nil {
		return err
	}
	exponential := sdkmetric.NewView(sdkmetric.Instrument{Name: "exponential"},
		sdkmetric.Stream{Aggregation: sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 20, MaxScale: 10}})
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)), sdkmetric.WithResource(res), sdkmetric.WithView(exponential))
	meter := provider.Meter(scope, metric.WithInstrumentationVersion("1.2.3"))
	counter, err := meter.Int64Counter("counter", metric.WithDescription("Größe"), metric.WithUnit("{x}"))
	upDown, err2 := meter.Float64UpDownCounter("up-down")
	gauge, err3 := meter.Float64Gauge("gauge")
	histogram, err4 := meter.Float64Histogram("histogram", metric.WithExplicitBucketBoundaries(-1, 0, 0.5, 10))
	exponentialHistogram, err5 := meter.Float64Histogram("exponential")
	_, err6 := meter.Int64ObservableGauge("observed", metric.WithInt64Callback(func(_ context.Context, observer metric.Int64Observer) error {
		observer.Observe(math.MaxInt64)
		return nil
	}))
	if err := errors.Join(err, err2, err3, err4, err5, err6); err != nil {
		return err
	}
	for index := range 5 {
		set := metric.WithAttributes(append(attributes, attribute.Int("point", index))...)
		counter.Add(ctx, 1<<53+int64(index), set)
		upDown.Add(ctx, -0.5*float64(index), set)
		gauge.Record(ctx, []float64{math.NaN(), math.Inf(-1), math.Copysign(0, -1), 1e-300, 7}[index], set)
		for _, value := range []float64{-2, 0, 0.25, 3, 1e9} {
			histogram.Record(ctx, value, set)
			exponentialHistogram.Record(ctx, value, set)
		}
	}
	return provider.Shutdown(ctx)
}

func logs(ctx context.Context, client *http.Client, res *resource.Resource) error {
	exporter, err := otlploghttp.New(ctx, otlploghttp.WithHTTPClient(client))
	if err != nil {
		return err
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)), sdklog.WithResource(res))
	logger := provider.Logger(scope)
	traced := trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, 2, 255}, SpanID: trace.SpanID{255, 1}, TraceFlags: trace.FlagsSampled,
	}))
	nested := otellog.MapValue(
		otellog.Slice("list", otellog.IntValue(1), otellog.StringValue("ß"), otellog.MapValue(otellog.Bytes("bytes", []byte{0, 255}))),
		otellog.Map("map", otellog.Map("map", otellog.Float64("NaN", math.NaN()), otellog.Int64("largest", math.MaxInt64))),
		otellog.Empty("nothing"),
		otellog.Map("no members"),
	)
	bodies := []otellog.Value{
		otellog.StringValue("Grüße, 世界 🌍\n"), otellog.StringValue(""), otellog.Int64Value(math.MinInt64), otellog.Float64Value(math.Copysign(0, -1)),
		otellog.BoolValue(false), otellog.BytesValue([]byte{0, 1, 254, 255}), nested, otellog.SliceValue(nested, nested), {},
	}
	for index, body := range bodies {
		var record otellog.Record
		record.SetTimestamp(time.Unix(1_700_000_000, int64(index)))
		record.SetSeverity(otellog.Severity(index * 3))
		record.SetSeverityText("level")
		record.SetBody(body)
		record.SetEventName(fmt.Sprintf("event %d", index))
		for _, one := range attributes {
			record.AddAttributes(otellog.KeyValueFromAttribute(one))
		}
		record.AddAttributes(otellog.KeyValue{Key: "nested", Value: nested})
		if index%2 == 0 {
			logger.Emit(traced, record)
		} else {
			logger.Emit(ctx, record)
		}
	}
	return provider.Shutdown(ctx)
}
