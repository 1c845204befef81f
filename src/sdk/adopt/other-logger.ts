import type { Logger } from '@opentelemetry/api';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { DISTRIBUTION_NAME, VERSION } from '../../config/distribution.ts';
import { isObject } from '../../values/is-object.ts';
import { read } from '../../values/read.ts';
import { readMethod } from './private-fields.ts';

/**
 * A logger for the time in which the application's NodeSDK accepts nothing: before it is started and after it is shut down. Its
 * records have the same resource, if there is one.
 *
 *     logger._sharedState.resource (0.203 to 0.301)
 */
export function createOtherLogger(
  ofNodeSdk: Logger | undefined,
  configuration: object,
  processors: readonly LogRecordProcessor[],
): Logger {
  const resource = read(read(ofNodeSdk, '_sharedState'), 'resource');
  const provider = new LoggerProvider({
    resource: isResource(resource) ? resource : givenResource(configuration),
    processors: [...processors],
  });
  return provider.getLogger(DISTRIBUTION_NAME, VERSION);
}

/** From the application's configuration: its NodeSDK has detected nothing yet. */
function givenResource(configuration: object): Resource {
  const attributes = read(read(configuration, 'resource'), 'attributes');
  const serviceName = read(configuration, 'serviceName');
  return resourceFromAttributes({
    ...(isObject(attributes) ? attributes : {}),
    ...(typeof serviceName === 'string' ? { 'service.name': serviceName } : {}),
  });
}

function isResource(resource: unknown): resource is Resource {
  return isObject(read(resource, 'attributes')) && readMethod(resource, 'merge') !== undefined;
}
