// The process that runs the tests, a child of mutation.ts: one Vitest, in which one file at a time is another than on disk.
// A mutant that never ends is ended with this process.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createVitest, type TestSpecification } from 'vitest/node';
import { withCoverage } from './coverage.ts';
import type { Answer, Order, TriedTest } from './runner-messages.ts';

const root = process.cwd();
/** What is served instead of a file, by its absolute path. */
const replaced = new Map<string, string>();

const vitest = await createVitest(
  {
    config: false,
    root,
    watch: false,
    include: ['test/unit/**/*.test.ts'],
    setupFiles: ['scripts/mutation/report-entered.ts'],
    // It is keyed by what is on disk, and others would be served a mutant.
    fsModuleCache: false,
    reporters: [{}],
    bail: 1,
    maxWorkers: 2,
    testTimeout: 8000,
    hookTimeout: 8000,
    onConsoleLog: () => false,
  },
  {
    plugins: [{ name: 'swansong:mutant', enforce: 'pre', load: (id) => replaced.get(id.split('?', 1)[0] ?? id) }],
  },
);

function replace(file: string, source: string | undefined): void {
  const path = join(root, file);
  if (source === undefined) replaced.delete(path);
  else replaced.set(path, source);
  vitest.invalidateFile(path);
}

async function run(specifications: readonly TestSpecification[]): Promise<readonly TriedTest[]> {
  // `bail` counts the failures of former runs, too.
  vitest.state.filesMap.clear();
  vitest.state.errorsSet.clear();
  const startedAt = performance.now();
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([...specifications]);
  return specifications.map(({ moduleId }) => {
    const module = testModules.find((ran) => ran.moduleId === moduleId);
    return {
      test: relative(root, moduleId),
      passed: unhandledErrors.length === 0 && module !== undefined && module.ok(),
      millis: performance.now() - startedAt,
      slowestMillis: Math.max(
        0,
        ...[...(module?.children.allTests() ?? [])].map((test) => test.diagnostic()?.duration ?? 0),
      ),
      entered: module?.meta().entered ?? [],
    };
  });
}

async function tryTests(files: readonly string[]): Promise<TriedTest[]> {
  vitest.config.related = files.map((file) => join(root, file));
  for (const file of files) replace(file, withCoverage(file, readFileSync(join(root, file), 'utf8')));
  const tests: TriedTest[] = [];
  for (const specification of await vitest.getRelevantTestSpecifications()) tests.push(...(await run([specification])));
  for (const file of files) replace(file, undefined);
  return tests;
}

async function testMutant(order: Order & { readonly kind: 'test' }): Promise<string | undefined> {
  const { file, source, tests, testTimeoutMillis } = order;
  replace(file, source);
  // Tests wait on conditions: what has not come by then does not come.
  vitest.getRootProject().config.testTimeout = testTimeoutMillis;
  try {
    const [first, ...others] = tests.map((test) => vitest.getRootProject().createSpecification(join(root, test)));
    // Most mutants are killed by the first one.
    for (const specifications of [first === undefined ? [] : [first], others]) {
      if (specifications.length === 0) continue;
      const failed = (await run(specifications)).find(({ passed }) => !passed);
      if (failed !== undefined) return failed.test;
    }
    return undefined;
  } finally {
    replace(file, undefined);
  }
}

function answer(message: Answer): void {
  process.send?.(message);
}

process.on('message', (order: Order) => {
  if (order.kind === 'try') void tryTests(order.files).then((tests) => answer({ kind: 'tried', tests }));
  else void testMutant(order).then((killedBy) => answer({ kind: 'tested', killedBy }));
});
process.on('disconnect', () => process.exit());
answer({ kind: 'ready' });
