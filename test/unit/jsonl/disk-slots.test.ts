import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { DiskSlots } from '../../../src/jsonl/disk-slots.ts';
import { JsonlFile } from '../../../src/jsonl/jsonl-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Work that ends when the test says so, and what of it has begun. */
function held(slots: DiskSlots) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (name: string): Promise<string> =>
    slots.use(() => {
      begun.push(name);
      return new Promise((resolve) => ends.set(name, () => resolve(name)));
    });
  return { begun, start, end: (name: string) => ends.get(name)?.() };
}

test('no more at a time than there are slots, in the order they came', async () => {
  const { begun, start, end } = held(new DiskSlots(2));
  const all = ['a', 'b', 'c', 'd'].map((name) => start(name));
  await turn();
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await turn();
  expect(begun).toEqual(['a', 'b', 'c']);
  end('a');
  await turn();
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  end('c');
  end('d');
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
});

test('work that fails gives its slot back', async () => {
  const slots = new DiskSlots(1);
  const failing = slots.use(() => Promise.reject(new Error('disk')));
  const next = slots.use(() => Promise.resolve('next'));
  await expect(failing).rejects.toThrow('disk');
  expect(await next).toBe('next');
});

test('files that share slots wait for each other, and are closed at the deadline where none comes free', async () => {
  const folder = await temporaryFolder();
  const slots = new DiskSlots(1);
  const { start, end } = held(slots);
  const file = await JsonlFile.open({ path: join(folder, 'a.jsonl'), slots });
  const other = await JsonlFile.open({ path: join(folder, 'b.jsonl'), slots });
  const holding = start('the disk');
  const appended = [file.append(Buffer.from('{}\n')), other.append(Buffer.from('{}\n'))];
  await turn();
  expect([file.counts(), other.counts()]).toMatchObject([
    { lines: 0, waitingBytes: 3 },
    { lines: 0, waitingBytes: 3 },
  ]);
  const closed = await other.close(Deadline.after(1));
  expect(closed).toMatchObject({ ok: false, linesLeft: 1 });
  end('the disk');
  await holding;
  expect(await Promise.all(appended)).toMatchObject([{ ok: true }, { ok: false, reason: 'closed' }]);
  expect(await file.close(Deadline.after(10_000))).toMatchObject({ ok: true });
});

test('after any number of works there are as many slots as at first', async () => {
  const slots = new DiskSlots(2);
  for (let work = 0; work < 5; work += 1) await slots.use(() => Promise.resolve());
  let [running, most] = [0, 0];
  const works = Array.from({ length: 6 }, () =>
    slots.use(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
    }),
  );
  await Promise.all(works);
  expect([running, most]).toEqual([0, 2]);
});
