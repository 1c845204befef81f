import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { waitFor } from '../../support/wait-for.ts';
import { whenTestEnds } from '../../support/when-test-ends.ts';
import { installedProgram } from './installed-program.ts';

const HOW_TO_INSTALL = 'apt-get install --no-install-recommends prometheus';
const BOUND_MILLIS = 60_000;

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A Prometheus server that scrapes one target; gone when the test ends. */
export class Prometheus {
  readonly #url: string;
  readonly #child: ChildProcess;
  #stderr = '';

  private constructor(url: string, child: ChildProcess) {
    this.#url = url;
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
  }

  /** @param target URL of its metrics */
  static async scraping(target: string): Promise<Prometheus> {
    const { host, pathname } = new URL(target);
    const folder = await temporaryFolder();
    const configFile = join(folder, 'prometheus.yml');
    writeFileSync(
      configFile,
      `global: { scrape_interval: 1s }\nscrape_configs:\n  - job_name: self\n    metrics_path: ${pathname}\n    static_configs: [{ targets: ['${host}'] }]\n`,
    );
    const port = await freePort();
    const child = spawn(
      installedProgram('prometheus', HOW_TO_INSTALL),
      [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = once(child, 'close');
    whenTestEnds(async () => {
      child.kill('SIGTERM');
      await ended;
    });
    return new Prometheus(`http://127.0.0.1:${port}`, child);
  }

  /** Asks until the answer is what is wanted. @throws with the last answer and what Prometheus said, at the bound */
  until<T>(query: string, wanted: (series: readonly Series[]) => T | undefined): Promise<T> {
    let last = 'no answer';
    const ask = async (): Promise<T | undefined> => {
      try {
        const response = await fetch(`${this.#url}/api/v1/query?query=${encodeURIComponent(query)}`);
        last = await response.text();
        // It listens before it can answer: 503 while it reads its storage.
        if (response.status === 503) return undefined;
      } catch (error) {
        if (this.#child.exitCode !== null) throw new Error(`Prometheus has ended\n${this.#stderr}`, { cause: error });
        // It does not listen yet.
        last = String(error);
        return undefined;
      }
      const answer: { readonly data: { readonly result: readonly Series[] } } = JSON.parse(last);
      return wanted(answer.data.result);
    };
    const describe = (): string => `${last}\n${this.#stderr}`;
    return waitFor(ask, query, { boundMillis: BOUND_MILLIS, everyMillis: 100, describe });
  }
}

/** What `promtool check metrics` complains of, line by line. */
export function checkMetrics(text: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      installedProgram('promtool', HOW_TO_INSTALL),
      ['check', 'metrics'],
      (error, stdout, stderr) => {
        // 1: not read at all; 3: complaints.
        if (error !== null && error.code !== 3) reject(new Error(`promtool: ${stdout}${stderr}`, { cause: error }));
        else resolve(`${stdout}${stderr}`.split('\n').filter((line) => line !== ''));
      },
    );
    child.stdin?.end(text);
  });
}
