import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { projectFolder } from '../harness/paths.ts';

/** A collector in a child process, writing to its own folder. */
interface RunningCollector {
  readonly url: string;
  /** URL of the collector's self-metrics, if they were requested. */
  readonly selfMetricsUrl: string | undefined;
  readonly pid: number;
  /** Milliseconds of CPU so far, all threads. */
  cpuMillis(): number;
  rssMegabytes(): { readonly now: number; readonly peak: number };
  /** The files with traces, the oldest first. */
  stored(): Promise<readonly Buffer[]>;
  kill(): Promise<void>;
  /** Ends it, and removes the folder. */
  stop(): Promise<void>;
}

export interface CollectorKind {
  readonly name: string;
  start(options?: StartOptions): Promise<RunningCollector>;
}

interface StartOptions {
  readonly folder?: string;
  readonly args?: readonly string[];
}

const cliFile = join(projectFolder, 'dist/cli.mjs');

export const swansongCollector: CollectorKind = {
  name: 'swansong',
  async start({ folder, args = [] } = {}) {
    const directory = folder ?? (await mkdtemp(join(tmpdir(), 'swansong-bench-')));
    return run(
      [process.execPath, cliFile, 'collector', '--port', '0', '--dir', directory, ...args],
      directory,
      {},
      (child) => urlsOf(child, args.includes('--self-metrics-http') ? 3 : 2),
    );
  },
};

/** The OpenTelemetry Collector with its file exporter, on one core; undefined if it is not installed. */
export function otelcol(): CollectorKind | undefined {
  const binary = findBinary();
  if (binary === undefined) return undefined;
  return {
    name: 'otelcol, GOMAXPROCS=1',
    async start() {
      const directory = await mkdtemp(join(tmpdir(), 'swansong-bench-'));
      const port = await freePort();
      const config = join(directory, 'config.yaml');
      await writeFile(config, otelcolConfig(port, join(directory, 'traces.jsonl')));
      return run([binary, '--config', config], directory, { GOMAXPROCS: '1' }, async () => {
        const url = `http://127.0.0.1:${port}`;
        await untilListening(url);
        return { url, selfMetricsUrl: undefined };
      });
    },
  };
}

function otelcolConfig(port: number, path: string): string {
  return `receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:${port}
exporters:
  file:
    path: ${path}
service:
  telemetry:
    metrics:
      level: none
    logs:
      level: error
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [file]
`;
}

/** Path of the binary: the variable OTELCOL, otherwise the newest that scripts/otelcol.sh has built. */
function findBinary(): string | undefined {
  const named = process.env['OTELCOL'];
  if (named !== undefined) return named;
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'swansong');
  if (!existsSync(cache)) return undefined;
  const built = readdirSync(cache)
    .filter((name) => name.startsWith('otelcol-'))
    .map((name) => join(cache, name, 'otelcol'))
    .filter((path) => existsSync(path));
  return built.at(-1);
}

type Child = ReturnType<typeof spawn>;

interface Ready {
  readonly url: string;
  readonly selfMetricsUrl: string | undefined;
}

async function run(
  [command = '', ...args]: readonly string[],
  directory: string,
  environment: Readonly<Record<string, string>>,
  ready: (child: Child) => Promise<Ready>,
): Promise<RunningCollector> {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const killChild = (): void => void child.kill('SIGKILL');
  process.once('exit', killChild);
  const exited = once(child, 'exit');
  const listening = await Promise.race([ready(child), exited.then(() => undefined)]);
  const { pid } = child;
  if (listening === undefined || pid === undefined) throw new Error(`${command} ended before it listened`);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
    process.removeListener('exit', killChild);
  };
  return {
    ...listening,
    pid,
    cpuMillis: () => cpuMillis(pid),
    rssMegabytes: () => rssMegabytes(pid),
    async stored() {
      const names = (await readdir(directory)).filter((name) => /^traces.*\.jsonl$/.test(name)).sort();
      return Promise.all(names.map((name) => readFile(join(directory, name))));
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM');
      await rm(directory, { recursive: true });
    },
  };
}

async function urlsOf(child: Child, lines: number): Promise<Ready> {
  if (child.stdout === null) throw new Error('no stdout');
  const urls: string[] = [];
  const reading = createInterface({ input: child.stdout });
  for await (const line of reading) {
    urls.push(/http:\/\/[^/\s]+/.exec(line)?.[0] ?? '');
    if (urls.length === lines) break;
  }
  child.stdout.resume();
  return { url: urls[0] ?? '', selfMetricsUrl: urls[2] };
}

async function untilListening(url: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    try {
      await fetch(url);
      return;
    } catch {
      await delay(50);
    }
  }
  throw new Error(`${url} did not listen within 30 s`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Clock ticks of Linux: 100 a second on every platform that Node runs on. */
const TICK_MILLIS = 10;

function cpuMillis(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MILLIS;
}

function rssMegabytes(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string): number => (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024) / 1e6;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}
