import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';
import { SPAN, traces } from '../unit/collector/support/items.ts';

const program = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

test('on a terminal a line tells every second what came, and gives way to the summary', async () => {
  const directory = await temporaryFolder();
  // `script` gives it a terminal; the shell tells its pid, because script does not pass signals on.
  const command = `echo "pid $$"; exec "${process.execPath}" "${program}" collector --port 0 --dir "${directory}"`;
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null']);
  onTestFinished(() => void child.kill('SIGKILL'));
  /** With the sequence that clears a line made readable; `script` hands on each write of the program as one. */
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text.replaceAll('\r\u001B[K', '<clear>')));
  const shown = async (pattern: RegExp): Promise<string> => {
    const found = await waitFor(() => pattern.exec(screen), `${String(pattern)} on the terminal`);
    return found[1] ?? '';
  };
  const pid = Number(await shown(/^pid (\d+)\r\n/));
  const url = await shown(/listening on (\S+)\r\n/);
  const body = JSON.stringify(traces(SPAN, {}, SPAN));
  const headers = { 'content-type': 'application/json', connection: 'close' };
  expect((await fetch(`${url}/v1/traces`, { method: 'POST', headers, body })).status).toBe(200);
  await shown(/<clear>received 3, invalid 1, \d+ spans\/s, write p99 \d+\.\d ms/);
  // The next second.
  await shown(/<clear>received 3, invalid 1, 0 spans\/s, write p99 -/);
  const exited = once(child, 'close');
  process.kill(pid, 'SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(screen).toMatch(
    /write p99 -<clear>accepted 1 request: 2 spans, 0 data points, 0 log records; rejected 1 invalid item; refused 0 requests\r\n$/,
  );
});
