import type { DropReason } from './delivery.ts';
import { oneLine } from '../text/one-line.ts';

/** For `onDropped`: reports the first loss for each reason in one line; later ones are only counted. */
export function reportDrops(
  what: string,
  backend: string,
  warn: (line: string) => void,
): (reason: DropReason, count: number, message: string) => void {
  const reported = new Set<DropReason>();
  return (reason, count, message) => {
    if (reported.has(reason)) return;
    reported.add(reason);
    warn(
      count === 0 && reason === 'rejected'
        ? `${backend} warns about ${what}: ${oneLine(message)}`
        : `losing${count === 0 ? ' parts of' : ''} ${what} (${reason}): ${oneLine(message)}; further losses are only counted`,
    );
  };
}
