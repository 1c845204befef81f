// Says "ready", repeats what it reads, and ends with 3 at SIGTERM.
import { createInterface } from 'node:readline';

process.on('SIGTERM', () => {
  process.stderr.write('asked to stop\n', () => process.exit(3));
});
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) console.log(`heard ${line}`);
console.log('end of input');
