import { describe, expect, it } from 'vitest';
import { lint as lintAll } from '../support/lint.ts';

/** Lints a tree that holds one planted file. */
function lint(path: string, source: string): ReturnType<typeof lintAll> {
  return lintAll(new Map([[path, source]]));
}

const importing = (specifier: string) => `import { thing } from '${specifier}';\nexport const other = thing;\n`;

describe('the lint rules: which room may import which', () => {
  it.each([
    ['src/text/planted.ts', '../config/config.ts'],
    ['src/values/planted.ts', '../text/one-line.ts'],
    ['src/request/planted.ts', '../config/config.ts'],
    ['src/config/planted.ts', '../sdk/start.ts'],
    ['src/application/planted.ts', '../config/config.ts'],
    ['src/config/file/planted.ts', '../../sdk/start.ts'],
    ['src/clock/planted.ts', '../text/one-line.ts'],
    ['src/deadline/planted.ts', '../config/config.ts'],
    ['src/errors/planted.ts', '../exit/on-exit.ts'],
    ['src/errors/planted.ts', '../outbox/outbox.ts'],
    ['src/outbox/planted.ts', '../sdk/start.ts'],
    ['src/outbox/planted.ts', '../otlp/http-client.ts'],
    ['src/outbox/planted.ts', '../sdk-metrics/observe-sdk.ts'],
    ['src/otlp/planted.ts', '../sdk/start.ts'],
    ['src/otlp/planted.ts', '../exit/exit-request.ts'],
    ['src/sdk-metrics/planted.ts', '../otlp/http-client.ts'],
    ['src/exit/planted.ts', '../errors/record-error.ts'],
    ['src/exit/planted.ts', '../sdk/start.ts'],
    ['src/shutdown/planted.ts', '../sdk/start.ts'],
    ['src/shutdown/planted.ts', '../otlp/http-client.ts'],
    ['src/instrumentation/planted.ts', '../sdk/start.ts'],
    ['src/instrumentation/planted.ts', '../otlp/http-client.ts'],
    ['src/instrumentation/http/planted.ts', '../../sdk/start.ts'],
    ['src/instrumentation/http/planted.ts', '../start-instrumentations.ts'],
    ['src/instrumentation/packages/planted.ts', '../../sdk/start.ts'],
    ['src/instrumentation/packages/planted.ts', '../http/incoming-http.ts'],
    ['src/node-internals/planted.ts', '../deadline/deadline.ts'],
    ['src/node-internals/planted.ts', '../shutdown/close-server.ts'],
    ['src/sdk/planted.ts', '../node-internals/really-exit.ts'],
    ['src/outbox/planted.ts', '../node-internals/really-exit.ts'],
    ['src/collector/planted.ts', '../node-internals/server-sockets.ts'],
    ['src/self-metrics/planted.ts', '../sdk/start.ts'],
    ['src/self-metrics/planted.ts', '../shutdown/shutdown.ts'],
    ['src/self-metrics/planted.ts', '../instrumentation/runtime.ts'],
    ['src/self-metrics/planted.ts', '../collector/start-collector.ts'],
    ['src/sdk/planted.ts', '../self-metrics/pipeline.ts'],
    ['src/sdk/planted.ts', '../collector/start-collector.ts'],
    ['src/sdk/planted.ts', '../otlp/http-client.ts'],
    ['src/sdk/planted.ts', '../instrumentation/http/incoming-http.ts'],
    ['src/sdk/planted.ts', '../register.ts'],
    ['src/sdk/export/planted.ts', '../start.ts'],
    ['src/sdk/export/planted.ts', '../../self-metrics/pipeline.ts'],
    ['src/sdk/adopt/planted.ts', '../start.ts'],
    ['src/sdk/adopt/planted.ts', '../../self-metrics/pipeline.ts'],
    ['src/collector/planted.ts', '../sdk/start.ts'],
    ['src/collector/planted.ts', '../outbox/outbox.ts'],
    ['src/collector/codec/planted.ts', '../refusal.ts'],
    ['src/collector/codec/planted.ts', '../../self-metrics/invalid-reason.ts'],
    ['src/collector/body/planted.ts', '../codec/otlp-codec.ts'],
    ['src/collector/validation/planted.ts', '../refusal.ts'],
    ['src/collector/validation/planted.ts', '../../jsonl/jsonl-file.ts'],
    ['src/jsonl/planted.ts', '../collector/start-collector.ts'],
    ['src/jsonl/planted.ts', '../outbox/outbox.ts'],
    ['src/cli/planted.ts', '../sdk/start.ts'],
    ['src/cli/planted.ts', '../collector/codec/otlp-codec.ts'],
    ['src/cli/planted.ts', '../self-metrics.ts'],
    ['src/cli/planted.ts', '../collector.ts'],
    ['src/cli/planted.ts', '../config/resolve-config.ts'],
  ])('%s may not import %s', async (path, specifier) => {
    const { failed, output } = await lint(path, importing(specifier));
    expect(output).toContain('no-restricted-imports');
    expect(failed).toBe(true);
  });

  it.each([
    ['src/config/file/planted.ts', '../config.ts'],
    ['src/config/planted.ts', '../values/is-object.ts'],
    ['src/config/planted.ts', '../request/allowed-hosts.ts'],
    ['src/config/file/planted.ts', '../../values/is-object.ts'],
    ['src/config/planted.ts', '../../package.json'],
    ['src/application/planted.ts', '../values/is-object.ts'],
    ['src/deadline/planted.ts', '../text/one-line.ts'],
    ['src/errors/planted.ts', '../config/config.ts'],
    ['src/outbox/planted.ts', '../deadline/deadline.ts'],
    ['src/outbox/planted.ts', '../text/one-line.ts'],
    ['src/otlp/planted.ts', '../outbox/delivery.ts'],
    ['src/sdk-metrics/planted.ts', '../outbox/delivery.ts'],
    ['src/exit/planted.ts', '../otlp/http-client.ts'],
    ['src/shutdown/planted.ts', '../outbox/delivery.ts'],
    ['src/instrumentation/planted.ts', '../config/config.ts'],
    ['src/instrumentation/packages/planted.ts', '../../application/application-require.ts'],
    ['src/instrumentation/http/planted.ts', '../subscribe.ts'],
    ['src/instrumentation/http/planted.ts', '../../otlp/untraced.ts'],
    ['src/sdk/planted.ts', '../exit/on-exit.ts'],
    ['src/sdk/planted.ts', './export/processors.ts'],
    ['src/sdk/export/planted.ts', '../../otlp/http-client.ts'],
    ['src/node-internals/planted.ts', '../values/is-object.ts'],
    ['src/otlp/planted.ts', '../node-internals/agent-proxy.ts'],
    ['src/errors/planted.ts', '../node-internals/process-emit.ts'],
    ['src/exit/planted.ts', '../node-internals/really-exit.ts'],
    ['src/shutdown/planted.ts', '../node-internals/server-sockets.ts'],
    ['src/collector/planted.ts', '../shutdown/shutdown.ts'],
    ['src/collector/planted.ts', '../jsonl/jsonl-file.ts'],
    ['src/collector/planted.ts', './codec/otlp-codec.ts'],
    ['src/collector/body/planted.ts', '../refusal.ts'],
    ['src/collector/validation/planted.ts', '../codec/canonical.ts'],
    ['src/collector/validation/planted.ts', '../../self-metrics/invalid-reason.ts'],
    ['src/jsonl/planted.ts', '../deadline/deadline.ts'],
    ['src/cli/planted.ts', '../collector/start-collector.ts'],
    ['src/cli/planted.ts', '../config/self-metrics-switches.ts'],
    ['src/collector/planted.ts', '../self-metrics/collector-metrics.ts'],
    ['src/self-metrics/planted.ts', '../jsonl/jsonl-file.ts'],
    ['src/self-metrics/planted.ts', '../otlp/untraced.ts'],
    ['src/self-metrics/planted.ts', '../errors/error-type.ts'],
    ['src/self-metrics.ts', './sdk/start.ts'],
    ['src/register.ts', './sdk/start.ts'],
  ])('%s may import %s', async (path, specifier) => {
    const { failed, output } = await lint(path, importing(specifier));
    expect(output).toContain('0 errors');
    expect(failed).toBe(false);
  });

  it.each([
    ['process.env', 'export const home = process.env.HOME;\n'],
    ['no-console', "export const say = (): void => console.log('hello');\n"],
    ['no-process-exit', 'export const end = (): never => process.exit(1);\n'],
  ])('only entry points touch %s', async (rule, source) => {
    const inside = await lint('src/sdk/planted.ts', source);
    expect(inside.output).toContain(rule);
    expect(inside.failed).toBe(true);
    expect(await lint('src/register.ts', source)).toMatchObject({ failed: false });
  });

  it.each([
    ['no-restricted-globals', 'export const later = (then: () => void) => setTimeout(then, 1);\n'],
    ['no-restricted-globals', 'export const never = (timer: NodeJS.Timeout) => clearInterval(timer);\n'],
    ['no-restricted-globals', 'export const soon = (then: () => void) => setImmediate(then);\n'],
    ['no-restricted-globals', 'export const soon = (then: () => void) => queueMicrotask(then);\n'],
    ['no-restricted-properties', 'export const now = () => Date.now();\n'],
    ['no-restricted-properties', 'export const now = () => performance.now();\n'],
    ['no-restricted-properties', 'export const now = () => process.hrtime.bigint();\n'],
    ['no-restricted-properties', 'export const soon = (then: () => void) => process.nextTick(then);\n'],
  ])('only src/clock uses the clock and the timers of the global object (%s): %s', async (rule, source) => {
    const inside = await lint('src/outbox/planted.ts', source);
    expect(inside.output).toContain(rule);
    expect(inside.failed).toBe(true);
    expect(await lint('src/clock/planted.ts', source)).toMatchObject({ failed: false });
  });
});
