import { execFileSync } from 'node:child_process';
import { programNode } from './run-fixture.ts';

const version: string = execFileSync(programNode(), ['-p', 'process.versions.node'], { encoding: 'utf8' });

const [major = 0, minor = 0] = version.split('.').map(Number);

/** The version of `programNode()`. */
export const nodeMajor: number = major;
export const nodeMinor: number = minor;
