#!/usr/bin/env node
import { unsupportedNode } from './application/supported-node.ts';

/**
 * The command `swansong`. A small CommonJS bundle, so that a Node that is too old can still parse it, and prints one line instead of
 * source code and a SyntaxError.
 */
const unsupported = unsupportedNode(process.versions.node);
if (unsupported === undefined) {
  // A separate bundle.
  void import(new URL('./cli.mjs', import.meta.url).href);
} else {
  console.error(unsupported);
  process.exitCode = 1;
}
