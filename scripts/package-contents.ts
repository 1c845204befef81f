import { execFileSync } from 'node:child_process';

/** What the package may hold. A new file has to be wanted: it is downloaded by everyone. */
const WANTED: readonly RegExp[] = [
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/(?:register|preload|config-file|self-metrics|exit-worker)\.cjs$/,
  /^dist\/register\.d\.cts$/,
  /^dist\/(?:index|handlers|cli|collector|self-metrics)\.(?:mjs|d\.mts)$/,
  /^dist\/shared\/[a-z0-9-]+\.mjs$/,
  /^dist\/shared\/[a-z0-9-]+\.d\.mts$/,
  /^dist\/(?:preload|config-file|self-metrics|modules)\.licenses\.txt$/,
];
const MAX_UNPACKED_BYTES = 1_420_000;

const listing: unknown = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' }),
);
const [pack] = Array.isArray(listing)
  ? listing
  : typeof listing === 'object' && listing !== null
    ? Object.values(listing)
    : [];
const paths: string[] = pack.files.map(({ path }: { path: string }) => path);

const problems = paths
  .filter((path) => !WANTED.some((wanted) => wanted.test(path)))
  .map((path) => `not wanted: ${path}`);
for (const wanted of WANTED)
  if (!/shared/.test(wanted.source) && !paths.some((path) => wanted.test(path)))
    problems.push(`missing: ${wanted.source}`);
if (pack.unpackedSize > MAX_UNPACKED_BYTES)
  problems.push(`${pack.unpackedSize} bytes unpacked, at most ${MAX_UNPACKED_BYTES} are wanted`);

if (problems.length > 0) {
  console.error(`package contents:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  process.exit(1);
}
console.log(`package contents: ${paths.length} files, ${pack.size} bytes packed, ${pack.unpackedSize} unpacked`);
