// What an application can reach where a preload owns the SDK: the tracer provider behind the API's proxy.
import { trace } from '@opentelemetry/api';

function provider() {
  const proxy = trace.getTracerProvider();
  return proxy.getDelegate?.() ?? proxy;
}

export const shutdown = async () => {
  await provider().shutdown();
  return { ok: true };
};
export const forceFlush = async () => {
  await provider().forceFlush();
  return { ok: true };
};
