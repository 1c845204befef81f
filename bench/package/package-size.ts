import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPeers, peerFolder } from '../harness/install-peers.ts';
import { projectFolder, registerFile } from '../harness/paths.ts';
import { writeResults } from '../harness/results.ts';
import { fixed, formatTable } from '../harness/table.ts';

const GOAL_PACKAGES = 2;

interface Installed {
  readonly packages: number;
  readonly files: number;
  readonly bytes: number;
  /** In whole blocks, like `du`. */
  readonly bytesOnDisk: number;
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
}

/** The disk space of `npm install swansong`, compared with other packages. */
export async function packageSize(): Promise<void> {
  if (!existsSync(registerFile)) throw new Error(`${registerFile} does not exist: npm run build first`);
  installPeers(['nodesdk', 'auto']);
  const folder = await mkdtemp(join(tmpdir(), 'bench-package-'));
  try {
    const packed = pack(folder);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'empty', private: true }));
    npm(['install', '--no-audit', '--no-fund', join(folder, packed.filename)], folder);
    const rows = [
      { name: 'swansong', ...(await installed(folder)) },
      { name: 'NodeSDK by hand', ...(await installed(peerFolder('nodesdk'))) },
      { name: 'auto-instrumentations', ...(await installed(peerFolder('auto'))) },
    ];
    console.log(
      `\ntarball: ${fixed(packed.size / 1e3)} kB, ${packed.entryCount} files, ${fixed(packed.unpackedSize / 1e3)} kB unpacked\n`,
    );
    console.log(
      formatTable(
        ['installed', 'packages', 'files', 'MB', 'MB on disk'],
        rows.map((row) => [
          row.name,
          String(row.packages),
          String(row.files),
          fixed(row.bytes / 1e6, 1),
          fixed(row.bytesOnDisk / 1e6, 1),
        ]),
      ),
    );
    const packages = rows[0]?.packages ?? NaN;
    console.log(`goal: ${GOAL_PACKAGES} packages: ${packages <= GOAL_PACKAGES ? 'met' : 'NOT met'} (${packages})`);
    await writeResults('package', { tarball: packed, rows });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function npm(npmArguments: readonly string[], folder: string): string {
  return execFileSync('npm', npmArguments, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function pack(destination: string): Packed {
  // --ignore-scripts: packs the existing build without building again.
  const output = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', destination], projectFolder);
  const parsed: Packed[] | Record<string, Packed> = JSON.parse(output);
  const [packed] = Object.values(parsed);
  if (packed === undefined) throw new Error(`npm pack --json: expected one package (got ${output})`);
  return packed;
}

async function installed(project: string): Promise<Installed> {
  const modules = join(project, 'node_modules');
  const lock: { packages: Record<string, { optional?: boolean }> } = JSON.parse(
    await readFile(join(modules, '.package-lock.json'), 'utf8'),
  );
  let files = 0;
  let bytes = 0;
  let bytesOnDisk = 0;
  for (const entry of await readdir(modules, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { size, blocks } = await stat(join(entry.parentPath, entry.name));
    files += 1;
    bytes += size;
    bytesOnDisk += blocks * 512;
  }
  return { packages: Object.keys(lock.packages).length, files, bytes, bytesOnDisk };
}
