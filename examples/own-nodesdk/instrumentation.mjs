// node --import ./instrumentation.mjs server.cjs
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { withSwansong } from 'swansong/node-sdk';

const sdk = new NodeSDK(
  withSwansong({
    serviceName: 'orders',
    traceExporter: new OTLPTraceExporter(),
    instrumentations: [new HttpInstrumentation()],
  }),
);
sdk.start();
