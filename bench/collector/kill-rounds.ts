import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { swansongCollector } from './collectors.ts';
import { createRandom, type Encoding, numbersIn } from './made-requests.ts';
import { startOffer } from './start-offer.ts';

/** Milliseconds from the first acknowledged request to the kill. */
const LONGEST_MILLIS = 500;
/** Longer than any round: the load ends when its collector does. */
const LOAD_MILLIS = 30_000;
const NEWLINE = 0x0a;

export interface KillReport {
  readonly acknowledged: number;
  /** The numbers of the requests that were answered 200 and are in no file. */
  readonly lost: readonly number[];
  /** Rounds that left an incomplete line. */
  readonly torn: number;
  /** Lines that are not JSON after the repair: there must be none. */
  readonly bad: number;
}

/**
 * Repeatedly kills a collector under load, each time at another moment, and restarts it on the same folder. Everything
 * that was acknowledged must be in the files; the next start repairs a line that was being written.
 * @param onRound called after each round
 */
export async function killRounds(rounds: number, onRound: (round: number) => void = () => {}): Promise<KillReport> {
  const random = createRandom(4711);
  const folder = await mkdtemp(join(tmpdir(), 'swansong-kill-'));
  let acknowledged = 0;
  let torn = 0;
  let bad = 0;
  const lost: number[] = [];
  try {
    let firstNumber = 1;
    for (let round = 0; round < rounds; round += 1) {
      // Small, so that files are rotated often; none is removed.
      const collector = await swansongCollector.start({ folder, args: ['--rotate-size', '4MiB', '--fsync', 'never'] });
      const encoding: Encoding = round % 2 === 0 ? 'json' : 'protobuf';
      // Small and large lines: a kill during the write of a large one leaves it incomplete.
      const spans = [1, 50, 512, 2000][round % 4] ?? 1;
      const load = { url: collector.url, encoding, connections: 8, spans, millis: LOAD_MILLIS, firstNumber };
      const first = Promise.withResolvers<void>();
      const offering = startOffer(load, first.resolve);
      await Promise.race([first.promise, offering]);
      await delay(random() * LONGEST_MILLIS);
      await collector.kill();
      const offered = await offering;
      const before = await collector.stored();
      torn += before.filter((file) => file.length > 0 && file.at(-1) !== NEWLINE).length;
      const found = new Set(before.flatMap((file) => [...numbersIn(wholeLines(file))]));
      lost.push(...offered.acknowledged.filter((number) => !found.has(number)));
      acknowledged += offered.acknowledged.length;
      bad += before.reduce((sum, file) => sum + badLines(wholeLines(file)), 0);
      firstNumber = Math.max(firstNumber, ...offered.acknowledged) + 1000;
      // The repair must leave only complete lines, and must not remove any of them.
      const next = await swansongCollector.start({ folder });
      const repaired = await next.stored();
      await next.kill();
      const kept = repaired.reduce((sum, file) => sum + file.length, 0);
      const whole = before.reduce((sum, file) => sum + wholeLines(file).length, 0);
      if (kept !== whole) throw new Error(`round ${round}: ${whole} bytes of whole lines became ${kept}`);
      await rm(folder, { recursive: true });
      onRound(round + 1);
    }
    return { acknowledged, lost, torn, bad };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function wholeLines(file: Buffer): Buffer {
  return file.subarray(0, file.lastIndexOf(NEWLINE) + 1);
}

function badLines(file: Buffer): number {
  let count = 0;
  for (let start = 0; start < file.length;) {
    const end = file.indexOf(NEWLINE, start);
    try {
      JSON.parse(file.toString('utf8', start, end));
    } catch {
      count += 1;
    }
    start = end + 1;
  }
  return count;
}
