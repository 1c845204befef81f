import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

/** The files the package may contain. A new one must be added here on purpose, since every user downloads it. */
const WANTED: readonly RegExp[] = [
  /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/(?:bin|register|preload|config-file|self-metrics)\.cjs$/,
  /^dist\/register\.d\.cts$/,
  /^dist\/(?:index|handlers|cli|collector|node-sdk|self-metrics)\.(?:mjs|d\.mts)$/,
  /^dist\/shared\/[a-z0-9-]+\.mjs$/,
  /^dist\/shared\/[a-z0-9-]+\.d\.mts$/,
  /^dist\/(?:preload|config-file|self-metrics|node-sdk|modules)\.licenses\.txt$/,
];
/**
 * Bundles with a copy of the API in them. A copy finds what is registered only where its own minor version is not the later one, so
 * the other bundles, which meet whatever the application has, hold none.
 */
const WITH_API = ['dist/config-file.cjs', 'dist/preload.cjs', 'dist/self-metrics.cjs', 'dist/self-metrics.mjs'];
const MAX_UNPACKED_BYTES = 1_820_000;

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

const withApi = paths.filter(
  (path) => path.endsWith('js') && readFileSync(path, 'utf8').includes('opentelemetry.js.api.${'),
);
if (!isDeepStrictEqual(withApi.toSorted(), WITH_API))
  problems.push(`a copy of @opentelemetry/api is in ${withApi.join(', ')}; wanted: ${WITH_API.join(', ')}`);
const imports = paths
  .filter((path) => path.endsWith('js'))
  .flatMap((path) =>
    Array.from(
      readFileSync(path, 'utf8').matchAll(/(?:from|import|require\()\s*["'`](@opentelemetry\/[\w-]+)/g),
      ([, name]) => `${name} by ${path}`,
    ),
  );
// Beside an application's own NodeSDK the API is the application's.
const wantedImports = ['@opentelemetry/api by dist/node-sdk.mjs'];
if (!isDeepStrictEqual([...new Set(imports)], wantedImports))
  problems.push(`imported: ${imports.join(', ')}; wanted: ${wantedImports.join(', ')}`);

/** npm installs a peer by itself: the latest that the range admits has to be one that takes what the copies register. */
const { dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const { version } = JSON.parse(readFileSync('node_modules/@opentelemetry/api/package.json', 'utf8'));
const wantedPeers = { '@opentelemetry/api': `>=1.3.0 <1.${Number(version.split('.')[1]) + 1}.0` };
if (dependencies !== undefined || !isDeepStrictEqual(peerDependencies, wantedPeers))
  problems.push(
    `wanted: no dependencies, and the peers ${JSON.stringify(wantedPeers)} (the bundled API is ${version})`,
  );

if (problems.length > 0) {
  console.error(`package contents:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  process.exit(1);
}
console.log(`package contents: ${paths.length} files, ${pack.size} bytes packed, ${pack.unpackedSize} unpacked`);
