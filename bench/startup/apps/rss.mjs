import { readFileSync, writeSync } from 'node:fs';
process.on('exit', () => {
  // Not resourceUsage().maxRSS: on Linux it includes the parent's maximum, which survives fork and exec.
  writeSync(1, /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
});
