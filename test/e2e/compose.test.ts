import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { installedProgram } from './support/installed-program.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
}

/** The file as Compose understands it: defaults filled in, paths absolute. Compose fails on what its schema does not know. */
function composed(): Readonly<Record<string, Service>> {
  const compose = installedProgram('docker-compose', 'apt-get install --no-install-recommends docker-compose');
  const text = execFileSync(compose, ['--file', join(ROOT, 'docker-compose.yml'), 'config'], { encoding: 'utf8' });
  const file: { readonly services: Readonly<Record<string, Service>> } = parse(text);
  return file.services;
}

function seconds(duration = ''): number {
  const [, minutes = '0', rest = '0'] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration) ?? [];
  return Number(minutes) * 60 + Number(rest);
}

const services = composed();

describe('docker-compose.yml', () => {
  it('has a service and the backends that show its telemetry', () => {
    expect(Object.keys(services).toSorted()).toEqual([
      'archive',
      'grafana',
      'jaeger',
      'otelcol',
      'prometheus',
      'reports',
    ]);
  });

  it.each(Object.entries(services))(
    '%s: an exact image, paths that exist, ports of this machine only',
    (_name, service) => {
      expect(service.image).toMatch(/^swansong-reports:local$|:v?\d+\.\d+\.\d+$/);
      const mounted = (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '');
      expect(mounted.filter((path) => path.startsWith('/') && !existsSync(path))).toEqual([]);
      expect((service.ports ?? []).filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
      // Nothing that looks like a secret has a value here.
      expect(Object.keys(service.environment ?? {}).filter((name) => /PASSWORD|SECRET|TOKEN|KEY/.test(name))).toEqual(
        [],
      );
    },
  );

  it('the collector is of the version that collector-config is tested with', () => {
    const { dist }: { readonly dist: { readonly version: string } } = parse(read('collector-config/builder.yaml'));
    expect(services['otelcol']?.image).toBe(`otel/opentelemetry-collector-contrib:${dist.version}`);
  });

  it('the collector gets no variable that its files do not use', () => {
    const files = read('collector-config/local.yaml') + read('collector-config/compose.yaml');
    const asked = new Set([...files.matchAll(/\$\{env:(\w+)/g)].map(([, name]) => name));
    // GOMEMLIMIT is Go's.
    expect(
      Object.keys(services['otelcol']?.environment ?? {}).filter((name) => !asked.has(name) && name !== 'GOMEMLIMIT'),
    ).toEqual([]);
  });

  it('the service has enough time to end, and a readiness check', () => {
    const { environment = {}, stop_grace_period, healthcheck } = services['reports'] ?? {};
    const needs =
      Number(environment['SHUTDOWN_TIMEOUT_MILLIS']) / 1000 + Number(environment['SWANSONG_EXIT_TIMEOUT']) / 1000 + 1;
    expect(seconds(stop_grace_period)).toBeGreaterThanOrEqual(needs);
    expect(healthcheck?.test.slice(0, 3)).toEqual(['CMD', 'node', '--eval']);
    expect(read('examples/express/server.mjs')).toContain("app.get('/ready'");
  });
});

describe('the image of the service', () => {
  const dockerfile = read('examples/express/Dockerfile');
  const lines = dockerfile.split('\n').filter((line) => !line.startsWith('#'));

  it('runs Node as process 1, and not as root', () => {
    expect(lines.filter((line) => /^(?:CMD|ENTRYPOINT|USER)/.test(line))).toEqual([
      'USER node',
      'CMD ["node", "--import", "swansong/register", "server.mjs"]',
    ]);
  });

  it('copies files that exist and that .dockerignore does not exclude', () => {
    const ignored = read('.dockerignore').split('\n');
    const sources = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
    expect(sources.filter((source) => !ignored.includes(`!${source}`))).toEqual([]);
  });

  it('has the Node and the packages that the tests have', () => {
    const { devDependencies }: { readonly devDependencies: Readonly<Record<string, string>> } = JSON.parse(
      read('package.json'),
    );
    expect(lines.filter((line) => line.startsWith('FROM '))).toEqual([
      `FROM node:${devDependencies['node']}-bookworm-slim AS build`,
      `FROM node:${devDependencies['node']}-bookworm-slim`,
    ]);
    expect(dockerfile).toContain(` express@${devDependencies['express']} `);
  });
});
