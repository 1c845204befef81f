import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { SHOP_REQUESTS } from '../../test/e2e/support/shop/shop-requests.ts';
import { projectFolder } from '../harness/paths.ts';
import type { Ports } from './databases.ts';
import type { Receiver } from './receiver.ts';
import type { PreloadRow } from './side-by-side-rows.ts';

const SIGTERM_MILLIS = 5000;
const END_MILLIS = 30_000;

/** How the application is written. */
export interface Shop {
  readonly framework: 'express' | 'fastify';
  readonly modules: 'mjs' | 'cjs';
}

export interface ShopRun {
  /** CPU time in milliseconds, of all threads, until it listened: connected to all databases. */
  readonly startCpuMillis: number;
  /** Resident memory in megabytes when it listened, and after the requests. */
  readonly startMegabytes: number;
  readonly endMegabytes: number;
  readonly stdout: readonly string[];
  readonly stderr: string;
  readonly code: number | null;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function start({ framework, modules }: Shop, row: PreloadRow, ports: Ports, url: string): Child {
  const program = join(projectFolder, 'test/fixtures/shop', `shop.${modules}`);
  return spawn(process.execPath, [...row.nodeArguments(modules === 'cjs'), program, framework, JSON.stringify(ports)], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_ENV: 'test',
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      ...row.environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** What has been printed so far. */
class Output {
  stdout = '';
  stderr = '';
  readonly child: Child;

  constructor(child: Child) {
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  /** The first line of stdout, which tells where the application listens. */
  async listening(): Promise<{ readonly shop: number }> {
    while (!this.stdout.includes('\n')) {
      if (this.child.exitCode !== null) throw new Error(`the shop ended before it listened\n${this.stderr}`);
      await Promise.race([once(this.child.stdout, 'data'), once(this.child, 'close')]);
    }
    const [line = ''] = this.stdout.split('\n');
    const ports: { shop: number } = JSON.parse(line);
    return ports;
  }
}

/** Starts the application, makes ten requests one after the other, and lets it end. */
export async function runShop(shop: Shop, row: PreloadRow, ports: Ports, receiver: Receiver): Promise<ShopRun> {
  const child = start(shop, row, ports, receiver.url);
  const output = new Output(child);
  const closed = once(child, 'close');
  const { shop: port } = await output.listening();
  const [startCpuMillis, startMegabytes] = [cpuMillis(child), megabytes(child)];
  for (const [method, path] of SHOP_REQUESTS) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, signal: AbortSignal.timeout(10_000) });
    await response.text();
  }
  const endMegabytes = megabytes(child);
  child.stdin.end();
  const limit = setTimeout(() => child.kill('SIGKILL'), END_MILLIS);
  await closed;
  clearTimeout(limit);
  await receiver.untilQuiet();
  return {
    startCpuMillis,
    startMegabytes,
    endMegabytes,
    stdout: output.stdout.split('\n').slice(1, -1),
    stderr: output.stderr,
    code: child.exitCode,
  };
}

/** How it ends of SIGTERM, which it does not listen for: exit code, or the signal. */
export async function endOfSigterm(shop: Shop, row: PreloadRow, ports: Ports, url: string): Promise<string> {
  const child = start(shop, row, ports, url);
  const closed = once(child, 'close');
  await new Output(child).listening();
  child.kill('SIGTERM');
  // A listener for the signal keeps it alive.
  const ended = await Promise.race([closed.then(() => true), delay(SIGTERM_MILLIS, false)]);
  if (!ended) child.kill('SIGKILL');
  await closed;
  return ended ? String(child.exitCode ?? child.signalCode) : `lives on after ${SIGTERM_MILLIS / 1000} s`;
}

/** Linux only. */
function cpuMillis({ pid }: Child): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  // After the name, which may contain spaces: fields 14 and 15, in hundredths of a second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function megabytes({ pid }: Child): number {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
  return (Number(kilobytes) * 1024) / 1e6;
}
