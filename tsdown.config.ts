import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsdown';
import { thirdPartyLicenses } from './scripts/third-party-licenses.ts';

const shared = { platform: 'node', target: 'node22.15', hash: false, report: false } as const;

/** Nothing in the preload hooks `require` or `import`; see src/sdk/instrumentations.ts. */
const noModuleHooks = fileURLToPath(new URL('./src/sdk/no-module-hooks.ts', import.meta.url));

export default defineConfig([
  {
    ...shared,
    // What every start pays for: CommonJS, one file behind a small one, minified.
    entry: { register: 'src/register.ts', preload: 'src/sdk/start.ts' },
    format: 'cjs',
    outExtensions: () => ({ js: '.cjs' }),
    dts: false,
    minify: true,
    clean: true,
    alias: { 'require-in-the-middle': noModuleHooks, 'import-in-the-middle': noModuleHooks },
    deps: { alwaysBundle: [/./] },
    plugins: [thirdPartyLicenses('preload.licenses.txt')],
  },
  {
    ...shared,
    entry: { index: 'src/index.ts', cli: 'src/cli.ts', collector: 'src/collector/collector.ts' },
    format: 'esm',
    dts: true,
    clean: false,
    deps: { alwaysBundle: ['protobufjs', /^protobufjs\//] },
    plugins: [thirdPartyLicenses('collector.licenses.txt')],
  },
]);
