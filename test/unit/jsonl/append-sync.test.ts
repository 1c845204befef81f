import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { appendSync } from '../../../src/jsonl/append-sync.ts';
import { Deadline } from '../../../src/deadline/deadline.ts';
import { JsonlFile } from '../../../src/jsonl/jsonl-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const run = promisify(execFile);
const LINE = Buffer.from('{"line":1}\n');
const UNBOUNDED = { rotateBytes: Infinity, maxTotalBytes: Infinity };

describe('appendSync', () => {
  it('creates the file and appends whole lines', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    appendSync([LINE, LINE], { path, ...UNBOUNDED });
    appendSync([LINE], { path, ...UNBOUNDED });
    expect(readFileSync(path, 'utf8')).toBe(LINE.toString().repeat(3));
  });

  it.each([
    ['{"torn', ''],
    ['{"a":1}\n{"torn', '{"a":1}\n'],
    [`${'x'.repeat(70_000)}\n{"torn`, `${'x'.repeat(70_000)}\n`],
    // However long it is: what stays of it would be a line that no reader understands.
    ['x'.repeat(70_000), ''],
  ])('cuts off a line that a killed process has begun: case %#', async (before, kept) => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    writeFileSync(path, before);
    appendSync([LINE], { path, ...UNBOUNDED });
    expect(readFileSync(path, 'utf8') === `${kept}${LINE.toString()}`).toBe(true);
  });

  it('rotates and keeps within the bound, together with JsonlFile', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a.jsonl');
    const bounds = { path, rotateBytes: 2 * LINE.length, maxTotalBytes: 5 * LINE.length };
    for (let i = 0; i < 9; i += 1) appendSync([LINE], bounds);
    const names = readdirSync(folder).toSorted();
    expect(names).toHaveLength(3);
    expect(names[0]).toMatch(/^a-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.jsonl$/);
    expect(names.map((name) => statSync(join(folder, name)).size / LINE.length)).toEqual([2, 2, 1]);
    // The asynchronous one knows those files as its own.
    const file = await JsonlFile.open(bounds);
    for (let i = 0; i < 4; i += 1) await file.append(LINE);
    await file.close(Deadline.after(1000));
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(bounds.maxTotalBytes);
  });

  it('keeps within the bound also when many lines come at once, and refuses one that is longer than it', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a.jsonl');
    const bounds = { path, rotateBytes: 2 * LINE.length, maxTotalBytes: 5 * LINE.length };
    appendSync(Array<Buffer>(16).fill(LINE), bounds);
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size / LINE.length);
    expect(sizes).toEqual([2, 2, 2].slice(0, sizes.length));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(5);
    expect(() => appendSync([Buffer.alloc(6 * LINE.length)], bounds)).toThrow(RangeError);
  });

  it('takes back a write that the system cuts short', async () => {
    const path = join(await temporaryFolder(), 'a.jsonl');
    writeFileSync(path, `${'x'.repeat(40_000)}\n`);
    const module = new URL('../../../src/jsonl/append-sync.ts', import.meta.url).href;
    const program = `import { appendSync } from '${module}';
      const line = Buffer.from('y'.repeat(40_000) + '\\n');
      try { appendSync([line], { path: '${path}' }); } catch ({ code }) { console.log(code); }`;
    // `ulimit -f` is in KiB: a write beyond it is cut short, the rest is EFBIG.
    const limited = ['-c', 'ulimit -f 64; exec "$0" --input-type=module -e "$1"', process.execPath, program];
    expect((await run('bash', limited)).stdout).toBe('EFBIG\n');
    expect(readFileSync(path, 'utf8') === `${'x'.repeat(40_000)}\n`).toBe(true);
  });

  it('throws where there is no folder', async () => {
    const path = join(await temporaryFolder(), 'none/a.jsonl');
    expect(() => appendSync([LINE], { path, ...UNBOUNDED })).toThrow('ENOENT');
  });
});
