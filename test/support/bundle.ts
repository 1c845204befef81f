import { build } from 'esbuild';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

/** CommonJS of packages that is put into an ES module has no `require`. */
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** One minified file of a program, alone in its folder. @returns its path */
export async function bundle(
  program: string,
  format: 'cjs' | 'esm',
  { external = [] }: { readonly external?: string[] } = {},
): Promise<string> {
  const outfile = join(await temporaryFolder(), `bundle.${format === 'cjs' ? 'cjs' : 'mjs'}`);
  await build({
    entryPoints: [program],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format,
    external,
    banner: { js: format === 'esm' ? REQUIRE : '' },
    logLevel: 'error',
  });
  return outfile;
}
