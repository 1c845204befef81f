import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { afterResources } from '../../../../src/sdk/export/after-resources.ts';

vi.mock(import('../../../../src/clock/clock.ts'), () => import('../../../support/mockable-clock.ts'));

const never = new AbortController().signal;

function setUp(region: Promise<string> | string) {
  const resource = resourceFromAttributes({ 'cloud.region': region });
  const seen: unknown[] = [];
  const deliver = afterResources<Resource>(
    async ([first]) => {
      seen.push(first?.attributes['cloud.region']);
      return { status: 'delivered', rejected: 0, message: '' };
    },
    (item) => item,
  );
  return { deliver: () => deliver([resource], never), seen };
}

describe('delivery after the asynchronous attributes of the resource', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('begins at once where nothing is pending', () => {
    const { deliver, seen } = setUp('mars');
    void deliver();
    expect(seen).toEqual(['mars']);
  });

  it('waits for what is found late', async () => {
    const found = Promise.withResolvers<string>();
    const { deliver, seen } = setUp(found.promise);
    const delivered = deliver();
    await vi.advanceTimersByTimeAsync(1000);
    expect(seen).toEqual([]);
    found.resolve('mars');
    await delivered;
    expect(seen).toEqual(['mars']);
  });

  it('goes without what a detector does not find within 5 s, and does not wait for it again', async () => {
    const { deliver, seen } = setUp(new Promise<string>(() => {}));
    const delivered = deliver();
    await vi.advanceTimersByTimeAsync(5000);
    await delivered;
    await deliver();
    expect(seen).toEqual([undefined, undefined]);
  });

  it('goes without what fails', async () => {
    const { deliver, seen } = setUp(Promise.reject(new Error('no cloud')));
    await deliver();
    expect(seen).toEqual([undefined]);
  });
});
