import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Tests with real readers and backends (Prometheus, the OpenTelemetry Collector). One that is missing is a failure, no skip. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: 'test/e2e/support/build-otelcol.ts',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default config;
