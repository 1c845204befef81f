import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resolveConfig } from '../../../src/config/resolve-config.ts';
import { createResource } from '../../../src/sdk/resource.ts';

/** A program inside a project whose manifests are given by folder. */
function project(manifests: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'swansong-resource-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'src/deep'), { recursive: true });
  for (const [folder, text] of Object.entries(manifests)) writeFileSync(join(root, folder, 'package.json'), text);
  return join(root, 'src/deep/app.js');
}

function attributes(env: Readonly<Record<string, string>>, program?: string) {
  return createResource(resolveConfig(env).config.resource, program).attributes;
}

describe('service.name', () => {
  const shop = { '.': '{"name":"@acme/shop","version":"1.2.3"}', src: '{"type":"module"}' };

  it.each([
    ['OTEL_SERVICE_NAME first', { OTEL_SERVICE_NAME: 'a', OTEL_RESOURCE_ATTRIBUTES: 'service.name=b' }, 'a'],
    ['then OTEL_RESOURCE_ATTRIBUTES', { OTEL_RESOURCE_ATTRIBUTES: 'service.name=b' }, 'b'],
    ['then the nearest package.json that has a name', {}, '@acme/shop'],
  ])('%s', (_title, env, name) => {
    expect(attributes(env, project(shop))).toMatchObject({ 'service.name': name, 'service.version': '1.2.3' });
  });

  it.each([
    ['a program without a manifest', () => project({})],
    ['a broken manifest', () => project({ '.': '{"name":' })],
    ['no program at all (node -e)', () => undefined],
  ])('unknown_service:node for %s', (_title, program) => {
    expect(attributes({}, program())['service.name']).toBe('unknown_service:node');
  });

  it.each(['service.name=', 'service.name=%20', 'service.name=,service.version='])(
    'an empty one (%s) is unset',
    (text) => {
      expect(attributes({ OTEL_RESOURCE_ATTRIBUTES: text }, project(shop))).toMatchObject({
        'service.name': '@acme/shop',
        'service.version': '1.2.3',
      });
      expect(attributes({ OTEL_RESOURCE_ATTRIBUTES: text })['service.name']).toBe('unknown_service:node');
    },
  );

  it('service.version of the environment wins', () => {
    expect(attributes({ OTEL_RESOURCE_ATTRIBUTES: 'service.version=9' }, project(shop))['service.version']).toBe('9');
  });
});

describe('the other attributes', () => {
  it('describe the process without its arguments', () => {
    const found = attributes({}, '/srv/app.js');
    expect(found).toMatchObject({
      'process.pid': process.pid,
      'process.command': '/srv/app.js',
      'process.runtime.name': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.distro.name': 'swansong',
    });
    expect(Object.keys(found).filter((name) => /args|command_line/.test(name))).toEqual([]);
    expect(new Date(String(found['process.creation.time'])).getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('have an instance id of their own each time', () => {
    expect(attributes({})['service.instance.id']).not.toBe(attributes({})['service.instance.id']);
  });

  it('follow OTEL_NODE_RESOURCE_DETECTORS', () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'a=b', OTEL_SERVICE_NAME: 'named' };
    const names = (detectors: string) =>
      Object.keys(attributes({ ...env, OTEL_NODE_RESOURCE_DETECTORS: detectors }, '/srv/app.js'));
    expect(names('env')).toContain('a');
    expect(names('host,os').filter((name) => /^(?:a|process\.|service\.instance)/.test(name))).toEqual([]);
    expect(names('host,os')).toEqual(expect.arrayContaining(['host.name', 'host.arch', 'os.type', 'service.name']));
  });
});
