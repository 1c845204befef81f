import type { DropReason } from './delivery.ts';
import { oneLine } from '../text/one-line.ts';

/** For `onDropped`: tells the first loss of each kind in one line; those to come are only counted. */
export function reportDrops(
  what: string,
  backend: string,
  tell: (line: string) => void,
): (reason: DropReason, count: number, message: string) => void {
  const told = new Set<DropReason>();
  return (reason, count, message) => {
    if (told.has(reason)) return;
    told.add(reason);
    tell(
      count === 0
        ? `${backend} warns about ${what}: ${oneLine(message)}`
        : `losing ${what} (${reason}): ${oneLine(message)}; those to come are only counted`,
    );
  };
}
