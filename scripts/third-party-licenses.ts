import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rolldown } from 'tsdown';

interface BundledPackage {
  readonly title: string;
  readonly license: string;
}

/**
 * A rolldown plugin that writes the licences of all packages in a bundle to a file next to it, grouped by text. A package
 * without a licence text fails the build: it must not be shipped.
 */
export function thirdPartyLicenses(fileName: string): Rolldown.Plugin {
  return {
    name: 'third-party-licenses',
    generateBundle(_options, bundle) {
      const directories = new Set<string>();
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue;
        for (const id of output.moduleIds) {
          const directory = packageDirectory(id);
          if (directory !== undefined) directories.add(directory);
        }
      }
      if (directories.size > 0)
        this.emitFile({ type: 'asset', fileName, source: toText([...directories].toSorted().map(readPackage)) });
    },
  };
}

function packageDirectory(moduleId: string): string | undefined {
  return /^\0?(?<directory>.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(moduleId)?.groups?.['directory'];
}

function readPackage(directory: string): BundledPackage {
  const manifest: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const file = readdirSync(directory).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${directory} is bundled and has no licence text`);
  const field = (key: string): string =>
    String(typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, key) : undefined);
  return {
    title: `${field('name')} ${field('version')} (${field('license')})`,
    license: readFileSync(join(directory, file), 'utf8').trim(),
  };
}

function toText(packages: readonly BundledPackage[]): string {
  const titles = new Map<string, string[]>();
  for (const { title, license } of packages) titles.set(license, [...(titles.get(license) ?? []), title]);
  const sections = [...titles].map(([license, names]) => `${names.join('\n')}\n\n${license}\n`);
  return `This bundle contains the following packages, each under its own licence.\n\n${sections.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
