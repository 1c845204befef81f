import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { defaultFile, withKey, writeConfigFile } from '../support/config-file.ts';
import { startGrpcBackend } from '../support/grpc-backend.ts';
import { runFixture } from '../support/run-fixture.ts';

const example = join(import.meta.dirname, '../../examples/configuration/otel.yaml');
const DELIVERED = '{"ok":true,"timedOut":false}\n';
const WITHOUT_TELEMETRY = '; the application runs without telemetry\n';

/** A file with all signals to one backend. */
function fileFor(url: string, more: Readonly<Record<string, unknown>> = {}): string {
  const settings = {
    'tracer_provider.processors[0].batch.exporter.otlp_http.endpoint': `${url}/v1/traces`,
    'logger_provider.processors[0].batch.exporter.otlp_http.endpoint': `${url}/v1/logs`,
    'meter_provider.readers[0].periodic.exporter.otlp_http.endpoint': `${url}/v1/metrics`,
    ...more,
  };
  return writeConfigFile(
    Object.entries(settings).reduce((file, [key, value]) => withKey(file, key, value), defaultFile()),
  );
}

describe('OTEL_CONFIG_FILE', () => {
  it('examples/configuration/otel.yaml works as it is, with the variables that it refers to', async () => {
    const backend = await startBackend();
    const result = await runFixture({
      program: 'emit-all-signals.mjs',
      env: {
        OTEL_CONFIG_FILE: example,
        BACKEND: backend.url,
        BACKEND_AUTHORIZATION: 'Bearer s3cret',
        ENVIRONMENT: '1.10',
        OTEL_RESOURCE_ATTRIBUTES: 'k8s.pod.name=pod-1',
      },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: DELIVERED, stderr: '' });
    expect(backend.spans().map(({ name }) => name)).toEqual(['linked', 'work']);
    expect(backend.spans()[0]?.resource).toMatchObject({
      'service.name': 'shop',
      'deployment.environment.name': '1.10',
      'k8s.pod.name': 'pod-1',
      'host.name': expect.any(String),
      'os.type': expect.any(String),
      'process.pid': expect.any(Number),
      'service.instance.id': expect.any(String),
    });
    expect(backend.logRecords().map(({ body }) => body)).toContain('hello');
    expect(backend.metrics().map(({ name }) => name)).toContain('app.counter');
    const traces = backend.requests.find(({ path }) => path === '/v1/traces');
    expect(traces?.headers).toMatchObject({ authorization: 'Bearer s3cret', 'content-encoding': 'gzip' });
    expect(backend.requests.find(({ path }) => path === '/v1/logs')?.headers['authorization']).toBeUndefined();
  });

  it('a default of the file holds where its variable is not set', async () => {
    const backend = await startBackend();
    const text = readFileSync(example, 'utf8').replaceAll('http://localhost:4318', backend.url);
    const result = await runFixture({
      program: 'emit-all-signals.mjs',
      env: { OTEL_CONFIG_FILE: writeConfigFile(text) },
    });
    expect(result).toEqual({ code: 0, signal: null, stdout: DELIVERED, stderr: '' });
    expect(backend.spans()[0]?.resource).toMatchObject({ 'deployment.environment.name': 'development' });
    expect(backend.requests.find(({ path }) => path === '/v1/traces')?.headers['authorization']).toBeUndefined();
  });

  it('takes the place of all variables: one line names those that are ignored, without their values', async () => {
    const [backend, other] = await Promise.all([startBackend(), startBackend()]);
    const result = await runFixture({
      program: 'emit-all-signals.mjs',
      env: {
        OTEL_CONFIG_FILE: fileFor(backend.url, {
          'resource.attributes': [
            { name: 'app.ports', value: [80, 443], type: 'int_array' },
            { name: 'app.beta', value: true, type: 'bool' },
            { name: 'service.version', value: '1.10' },
          ],
        }),
        OTEL_EXPORTER_OTLP_ENDPOINT: other.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-token=s3cret',
        OTEL_SDK_DISABLED: 'true',
        OTEL_TRACES_SAMPLER: 'always_off',
        SWANSONG_EXIT_TIMEOUT: '0',
      },
    });
    expect(result).toEqual({
      code: 0,
      signal: null,
      stdout: DELIVERED,
      stderr:
        'swansong: OTEL_CONFIG_FILE is set, ignoring OTEL_SDK_DISABLED, OTEL_TRACES_SAMPLER, SWANSONG_EXIT_TIMEOUT, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS\n',
    });
    expect(backend.spans()).toHaveLength(2);
    expect(backend.spans()[0]?.resource).toMatchObject({
      'app.ports': [80, 443],
      'app.beta': true,
      'service.version': '1.10',
    });
    expect(backend.requests[0]?.headers['x-token']).toBeUndefined();
    expect(other.requests).toEqual([]);
  });

  it('the end of the process delivers by the file, too', async () => {
    const backend = await startBackend();
    const env = { OTEL_CONFIG_FILE: fileFor(backend.url, { 'distribution.swansong.exception_signal': 'logs' }) };
    const without = await runFixture({ program: 'crash.mjs', preload: 'none' });
    expect(await runFixture({ program: 'crash.mjs', env })).toEqual(without);
    expect(backend.spans().map(({ name, events }) => [name, events])).toEqual([
      ['ended', []],
      ['open', []],
    ]);
  });

  it('gRPC by the file, without the headers of the variables', async () => {
    const backend = await startGrpcBackend();
    const otlp = { endpoint: `http://${backend.target}`, headers: [{ name: 'x-token', value: '1' }] };
    const file = writeConfigFile({
      file_format: '1.1',
      tracer_provider: { processors: [{ batch: { exporter: { otlp_grpc: otlp } } }] },
    });
    const env = { OTEL_CONFIG_FILE: file, OTEL_EXPORTER_OTLP_HEADERS: 'x-other=2' };
    const result = await runFixture({ program: 'emit-all-signals.mjs', env });
    expect(result).toEqual({
      code: 0,
      signal: null,
      stdout: DELIVERED,
      stderr: 'swansong: OTEL_CONFIG_FILE is set, ignoring OTEL_EXPORTER_OTLP_HEADERS\n',
    });
    expect(backend.spans.map(({ name }) => name)).toEqual(['linked', 'work']);
    expect(backend.metadata[0]?.get('x-token')).toEqual(['1']);
    expect(backend.metadata[0]?.get('x-other')).toEqual([]);
  });

  it.each([
    ['simple and console', { simple: { exporter: { console: null } } }, "name: 'work'"],
    ['otlp_file to stdout', { batch: { exporter: { 'otlp_file/development': null } } }, '"name":"work"'],
  ])('%s', async (_title, processor, printed) => {
    const file = writeConfigFile({ file_format: '1.0', tracer_provider: { processors: [processor] } });
    const result = await runFixture({ program: 'emit-all-signals.mjs', env: { OTEL_CONFIG_FILE: file } });
    expect(result).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(result.stdout).toContain(printed);
  });

  it('a sampler within a sampler decides: a remote parent that was sampled is dropped', async () => {
    const sampler = { parent_based: { remote_parent_sampled: { always_off: null } } };
    const processors = [{ simple: { exporter: { console: null } } }];
    const file = (more: object) =>
      writeConfigFile({
        file_format: '1.1',
        propagator: { composite: [{ b3: null }] },
        tracer_provider: { processors, ...more },
      });
    const run = async (more: object) =>
      (await runFixture({ program: 'config-file/sample-remote-child.mjs', env: { OTEL_CONFIG_FILE: file(more) } }))
        .stdout;
    expect(await run({})).toContain('{"root":true,"child":true}');
    expect(await run({ sampler })).toContain('{"root":true,"child":false}');
  });

  it('disabled: nothing is recorded and nothing sent, but propagators work', async () => {
    const backend = await startBackend();
    const file = fileFor(backend.url, { disabled: true, 'propagator.composite': [{ b3: null }] });
    expect(await runFixture({ program: 'propagate.mjs', env: { OTEL_CONFIG_FILE: file } })).toEqual({
      code: 0,
      signal: null,
      stdout: '{"recording":false,"b3":"0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1","ok":true}\n',
      stderr: '',
    });
    expect(backend.requests).toEqual([]);
  });

  it('what is valid and not supported is one line; log_level decides about it', async () => {
    const backend = await startBackend();
    const views = { 'meter_provider.views': [{ selector: {}, stream: {} }] };
    const file = fileFor(backend.url, views);
    const env = { OTEL_CONFIG_FILE: file };
    expect(await runFixture({ program: 'emit-all-signals.mjs', env })).toEqual({
      code: 0,
      signal: null,
      stdout: DELIVERED,
      stderr: expect.stringMatching(
        new RegExp(`^swansong: ${file}:\\d+:5: meter_provider\\.views: views are not supported, [^\n]*\n$`),
      ),
    });
    expect(backend.metrics().map(({ name }) => name)).toContain('app.counter');
    const quiet = { OTEL_CONFIG_FILE: fileFor(backend.url, { ...views, log_level: 'error' }) };
    expect(await runFixture({ program: 'emit-all-signals.mjs', env: quiet })).toMatchObject({ code: 0, stderr: '' });
  });

  it('log_level: debug shows what holds, and no secret', async () => {
    const backend = await startBackend();
    const file = fileFor(backend.url, {
      log_level: 'trace',
      'tracer_provider.processors[0].batch.exporter.otlp_http.headers': [{ name: 'Api-Key', value: 's3cret' }],
    });
    const result = await runFixture({ program: 'emit-all-signals.mjs', env: { OTEL_CONFIG_FILE: file } });
    expect(backend.requests.some(({ headers }) => headers['api-key'] === 's3cret')).toBe(true);
    expect(result.stderr).toContain(`swansong: OTEL_CONFIG_FILE="${file}"\n`);
    expect(result.stderr).toContain('.headers[0].value=[redacted]\n');
    expect(result.stderr).not.toContain('s3cret');
  });
});

describe('a file that is not valid: the application runs without telemetry, and one line says where it is wrong', () => {
  it.each([
    ['not there', undefined, 'OTEL_CONFIG_FILE: "%s" cannot be read (ENOENT)'],
    ['empty', '', '%s: expected a configuration (the file is empty)'],
    [
      'no YAML',
      'file_format: "1.1"\nresource: {',
      '%s:2:12: Flow map in block collection must be sufficiently indented and end with a }',
    ],
    [
      'of another time',
      'file_format: "0.4"',
      '%s:1:1: file_format: expected the text "1.0" or "1.1", in quotes (got "0.4")',
    ],
    [
      'against the schema',
      'file_format: "1.1"\ntracer_provider:\n  processors:\n    - batch:\n        schedule_delay: soon\n        exporter:\n          console:\n',
      '%s:5:9: tracer_provider.processors[0].batch.schedule_delay: must be integer or null',
    ],
    [
      'with a key that the schema does not know',
      'file_format: "1.1"\npropagator:\n  composites: []\n',
      '%s:3:3: propagator.composites: unknown key, expected one of composite, composite_list',
    ],
    [
      'with a value out of bounds',
      'file_format: "1.1"\ndistribution:\n  swansong:\n    shutdown_timeout: 0\n',
      '%s:4:5: distribution.swansong.shutdown_timeout: expected milliseconds, an integer from 1 to 2147483647 (got 0)',
    ],
    [
      'with a reference that is none',
      'file_format: "1.1"\nlog_level: ${LOG-LEVEL}\n',
      '%s:2:1: log_level: expected ${NAME} or ${NAME:-default} as the reference to a variable',
    ],
  ])('%s', async (_title, text, problem) => {
    const backend = await startBackend();
    const file = text === undefined ? '/nowhere/otel.yaml' : writeConfigFile(text);
    const env = { OTEL_CONFIG_FILE: file, OTEL_EXPORTER_OTLP_ENDPOINT: backend.url };
    expect(await runFixture({ program: 'print-tracing.mjs', env })).toEqual({
      code: 0,
      signal: null,
      stdout: 'recording: false\n',
      stderr: `swansong: ${problem.replace('%s', file)}${WITHOUT_TELEMETRY}`,
    });
    expect(backend.requests).toEqual([]);
  });

  it('nothing is propagated either: propagators stand in the file', async () => {
    const env = { OTEL_CONFIG_FILE: '/nowhere/otel.yaml', OTEL_PROPAGATORS: 'b3' };
    const { code, stdout } = await runFixture({ program: 'propagate.mjs', env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"recording":false,"ok":true}\n' });
  });
});

describe('what reads the file is loaded only where there is one', () => {
  const bundles = async (env: Readonly<Record<string, string>>) => {
    const { stdout } = await runFixture({ program: 'config-file/list-bundles.cjs', preload: 'require', env });
    return stdout.trim().split(' ').toSorted();
  };

  it.each([{}, { OTEL_CONFIG_FILE: ' ' }])('%j', async (env) => {
    const exporters = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
    expect(await bundles({ ...exporters, ...env })).toEqual(['preload.cjs', 'register.cjs']);
  });

  it('with a file', async () => {
    const file = writeConfigFile({ file_format: '1.1' });
    expect(await bundles({ OTEL_CONFIG_FILE: file })).toEqual(['config-file.cjs', 'preload.cjs', 'register.cjs']);
  });
});
