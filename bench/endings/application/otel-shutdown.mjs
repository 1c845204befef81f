// The part of a preloaded SDK that an application can access: the tracer provider behind the API's proxy.
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
