import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

export interface Manifest {
  readonly name: string;
  readonly version: string;
}

/** The tarball of a package's folder, as `npm publish` would send it. */
export async function pack(folder: string, destination: string): Promise<string> {
  mkdirSync(destination, { recursive: true });
  const { stdout } = await run(
    'npm',
    ['pack', '--silent', '--ignore-scripts', '--pack-destination', destination, folder],
    {
      cwd: root,
    },
  );
  return join(destination, stdout.trim());
}

export function readManifest(folder: string): Manifest {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!isManifest(manifest)) throw new Error(`${folder} has no package.json with a name and a version`);
  return manifest;
}

function isManifest(value: unknown): value is Manifest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'version' in value &&
    typeof value.version === 'string'
  );
}

/** A registry on 127.0.0.1 that holds the packages it is given, and a project that installs from it. */
export class NpmProject {
  readonly #packages = new Map<string, Manifest[]>();
  readonly #tarballs = new Map<string, string>();
  readonly #server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1);
    const tarball = this.#tarballs.get(path);
    const versions = this.#packages.get(path);
    if (tarball !== undefined) response.end(readFileSync(tarball));
    else if (versions !== undefined) response.end(JSON.stringify(this.#describe(path, versions)));
    else response.writeHead(404).end('{}');
  });
  readonly #home = mkdtempSync(join(tmpdir(), 'swansong-npm-'));
  #url = '';
  #count = 0;

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the registry has no port');
    this.#url = `http://127.0.0.1:${address.port}`;
  }

  /** Of one package, the oldest version first: the last is `latest`. */
  async publish(folder: string): Promise<void> {
    const manifest = readManifest(folder);
    const tarball = await pack(folder, join(this.#home, 'tarballs', manifest.version));
    this.#tarballs.set(`-/${manifest.version}/${basename(tarball)}`, tarball);
    this.#packages.set(manifest.name, [...(this.#packages.get(manifest.name) ?? []), manifest]);
  }

  /** An empty project. */
  create(): string {
    this.#count += 1;
    const project = join(this.#home, `project-${this.#count}`);
    mkdirSync(project);
    return project;
  }

  /** @throws what npm says when it refuses */
  async install(project: string, ...args: readonly string[]): Promise<void> {
    const settings = [`--registry=${this.#url}`, `--cache=${join(this.#home, 'cache')}`, '--userconfig=/dev/null'];
    await run('npm', ['install', '--no-audit', '--no-fund', '--no-update-notifier', ...settings, ...args], {
      cwd: project,
    });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
    rmSync(this.#home, { recursive: true, force: true });
  }

  #describe(name: string, versions: readonly Manifest[]): unknown {
    const described = versions.map((manifest) => {
      const file = `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`;
      return [
        manifest.version,
        { ...manifest, dist: { tarball: `${this.#url}/-/${manifest.version}/${file}` } },
      ] as const;
    });
    return { name, 'dist-tags': { latest: versions.at(-1)?.version }, versions: Object.fromEntries(described) };
  }
}

/** What stands in `node_modules`, at any depth: `name@version`, sorted. */
export function installedPackages(project: string): readonly string[] {
  const modules = join(project, 'node_modules');
  const found = readdirSync(modules, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(?:^|node_modules\/)(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/.test(path))
    .map((path) => readManifest(join(modules, path, '..')));
  return found.map(({ name, version }) => `${name}@${version}`).toSorted();
}
