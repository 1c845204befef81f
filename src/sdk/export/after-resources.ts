import { clearTimeout, setTimeout } from '../../clock/clock.ts';
import type { Resource } from '@opentelemetry/resources';
import type { Deliver } from '../../outbox/delivery.ts';

/** A detector that takes longer (such as one for a cloud that is not there) must not block all exports. */
const LONGEST_WAIT_MILLIS = 5000;

/** One wait for each resource, even if it timed out: later items do not wait again. */
const waits = new WeakMap<Resource, Promise<void>>();

/**
 * Delivers when the asynchronous attributes of the resource are there (cloud detectors, host.id), as the SDK's own processors
 * do. At the end of the process nothing can be waited for: items delivered then have the attributes known so far.
 */
export function afterResources<T>(deliver: Deliver<T>, resourceOf: (item: T) => Resource): Deliver<T> {
  return (items, signal) => {
    const pending = new Set<Resource>();
    for (const item of items) {
      const resource = resourceOf(item);
      if (resource.asyncAttributesPending === true) pending.add(resource);
    }
    if (pending.size === 0) return deliver(items, signal);
    return Promise.all([...pending].map(waitFor)).then(() => deliver(items, signal));
  };
}

function waitFor(resource: Resource): Promise<void> {
  const known = waits.get(resource);
  if (known !== undefined) return known;
  const wait = new Promise<void>((resolve) => {
    const giveUp = setTimeout(resolve, LONGEST_WAIT_MILLIS);
    giveUp.unref();
    const go = (): void => {
      clearTimeout(giveUp);
      resolve();
    };
    // A failed detector has no attributes.
    Promise.resolve(resource.waitForAsyncAttributes?.()).then(go, go);
  });
  waits.set(resource, wait);
  return wait;
}
