import { readFileSync } from 'node:fs';
import os from 'node:os';
import { basename } from 'node:path';
import type { Attributes } from '@opentelemetry/api';
import { SDK_INFO } from '@opentelemetry/core';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { Config, ResourceAttribute, ResourceDetector } from '../config/config.ts';
import { type ApplicationPackage, findApplicationPackage } from '../application/application-package.ts';
import { DISTRIBUTION_NAME, VERSION } from '../config/distribution.ts';

/**
 * Everything is read synchronously: an asynchronous attribute would delay the first export, and could not be waited for in a
 * crash. So there is no host.id where only another program can read it (macOS, Windows).
 */
export function createResource(config: Config['resource'], program: string | undefined): Resource {
  const application = findApplicationPackage(program);
  const has = (detector: ResourceDetector) => config.detectors.includes(detector);
  const {
    'service.name': attributeName,
    'service.version': attributeVersion,
    ...attributes
  } = has('env') ? config.attributes : {};
  const configuredName = (has('env') ? config.serviceName : undefined) ?? asText(attributeName);
  return resourceFromAttributes({
    ...(has('host') ? hostAttributes() : {}),
    ...(has('os')
      ? { 'os.type': os.platform() === 'win32' ? 'windows' : os.platform(), 'os.version': os.release() }
      : {}),
    ...(has('process') ? processAttributes(program) : {}),
    ...(has('serviceinstance') ? { 'service.instance.id': randomUuid() } : {}),
    ...attributes,
    ...serviceAttributes(configuredName, asText(attributeVersion), application),
    'telemetry.sdk.name': SDK_INFO['telemetry.sdk.name'],
    'telemetry.sdk.language': SDK_INFO['telemetry.sdk.language'],
    'telemetry.sdk.version': SDK_INFO['telemetry.sdk.version'],
    'telemetry.distro.name': DISTRIBUTION_NAME,
    'telemetry.distro.version': VERSION,
  });
}

/** An empty name or version counts as not set. */
function asText(attribute: ResourceAttribute | undefined): string | undefined {
  const text = attribute === undefined ? '' : String(attribute).trim();
  return text === '' ? undefined : text;
}

/** The version in package.json is used even if the name is configured: it still tells deployments apart. */
function serviceAttributes(
  name: string | undefined,
  version: string | undefined,
  application: ApplicationPackage,
): Attributes {
  const serviceVersion = version ?? application.version;
  return {
    'service.name': name ?? application.name ?? 'unknown_service:node',
    ...(serviceVersion === undefined ? {} : { 'service.version': serviceVersion }),
  };
}

const HOST_ARCH: Readonly<Record<string, string>> = { arm: 'arm32', x64: 'amd64', ppc: 'ppc32', ia32: 'x86' };

function hostAttributes(): Attributes {
  const id = machineId();
  return {
    'host.name': os.hostname(),
    'host.arch': HOST_ARCH[os.arch()] ?? os.arch(),
    ...(id === undefined ? {} : { 'host.id': id }),
  };
}

function machineId(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  for (const path of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
    try {
      const id = readFileSync(path, 'utf8').trim();
      if (id !== '') return id;
    } catch {
      // Containers often have neither.
    }
  }
  return undefined;
}

/** Without process.command_args and command_line: opt-in by semantic conventions, since arguments carry secrets. */
function processAttributes(program: string | undefined): Attributes {
  return {
    'process.pid': process.pid,
    'process.creation.time': new Date(performance.timeOrigin).toISOString(),
    'process.executable.name': basename(process.execPath),
    'process.executable.path': process.execPath,
    ...(program === undefined ? {} : { 'process.command': program }),
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'process.runtime.description': 'Node.js',
  };
}

/** Version 4 (RFC 9562). Not from node:crypto: loading OpenSSL would take a fifth of the start-up time, and this id is not a secret. */
function randomUuid(): string {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replaceAll(/[xy]/g, (place) => {
    const digit = Math.floor(Math.random() * 16);
    return (place === 'x' ? digit : (digit & 0x3) | 0x8).toString(16);
  });
}
