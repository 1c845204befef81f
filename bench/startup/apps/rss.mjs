import { readFileSync, writeSync } from 'node:fs';
process.on('exit', () => {
  // Not resourceUsage().maxRSS: Linux carries the high-water mark of the parent over fork and exec into it.
  writeSync(1, /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
});
