import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDiagLogger } from '../../../src/sdk/diag-logger.ts';

vi.mock(import('../../../src/clock/clock.ts'), () => import('../../support/mockable-clock.ts'));

describe('createDiagLogger', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function setUp() {
    const lines: string[] = [];
    return { lines, logger: createDiagLogger((line) => void lines.push(line)) };
  }

  it('says who speaks and writes all it is given', () => {
    const { lines, logger } = setUp();
    logger.warn('@opentelemetry/sdk', 'dropped', 3, { of: 'four' });
    expect(lines).toEqual(["swansong: @opentelemetry/sdk dropped 3 { of: 'four' }"]);
  });

  it('writes the same words, numbers aside, once a minute', () => {
    const { lines, logger } = setUp();
    for (let i = 0; i < 1000; i += 1) logger.warn(`Dropped ${i} events`);
    logger.error('something else');
    expect(lines).toEqual(['swansong: Dropped 0 events', 'swansong: something else']);
    vi.advanceTimersByTime(60_000);
    logger.warn('Dropped 5 events');
    expect(lines).toHaveLength(3);
  });

  it('remembers no more than a hundred lines', () => {
    const { lines, logger } = setUp();
    const name = (i: number) => 'x'.repeat(i + 1);
    for (let i = 0; i < 200; i += 1) logger.warn(name(i));
    logger.warn(name(199));
    expect(lines).toHaveLength(200);
    logger.warn(name(0));
    expect(lines).toHaveLength(201);
  });

  it('writes every line of debugging', () => {
    const { lines, logger } = setUp();
    logger.debug('again');
    logger.debug('again');
    expect(lines).toHaveLength(2);
  });
});
