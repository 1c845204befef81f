import { countOf } from '../text/count-of.ts';

/** Items that were recorded after `shutdown()`: the application has closed telemetry before what it observes. */
export class LateItems {
  readonly #byNoun = new Map<string, { count: number; readonly scopes: Set<string> }>();

  add(noun: string, scope: string): void {
    const late = this.#byNoun.get(noun) ?? { count: 0, scopes: new Set() };
    late.count += 1;
    late.scopes.add(scope);
    this.#byNoun.set(noun, late);
  }

  /** The warning, once; empty if there are none. */
  take(): string {
    const late = [...this.#byNoun].map(
      ([noun, { count, scopes }]) => `${countOf(count, noun)} (${[...scopes].join(', ')})`,
    );
    this.#byNoun.clear();
    if (late.length === 0) return '';
    return (
      `${late.join(' and ')} came after shutdown() and were kept for the end of the process. ` +
      'Call shutdown() last: close the servers, wait for the requests in flight, then shutdown().'
    );
  }
}
