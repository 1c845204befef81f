import { execFileSync } from 'node:child_process';

const version: string = execFileSync(
  process.env['SWANSONG_TEST_NODE'] ?? process.execPath,
  ['-p', 'process.versions.node'],
  { encoding: 'utf8' },
);

const [major = 0, minor = 0] = version.split('.').map(Number);

/** The Node that runs the programs of the tests, which is not always the one that runs the tests. */
export const nodeMajor: number = major;
export const nodeMinor: number = minor;
