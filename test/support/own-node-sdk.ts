import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository: string = fileURLToPath(new URL('../..', import.meta.url));

/** Of sdk-node: SDK 2.x with API 1.9, and SDK 3.x with API 1.10. */
export const SDK_VERSIONS = ['0.203', '0.223', '0.301'] as const;
/** And one of the 1.x line. */
export const ALL_SDK_VERSIONS = ['0.203', '0.223', '0.301', '0.57'] as const;

export type SdkVersion = (typeof SDK_VERSIONS)[number];

export function ownNodeSdkFolder(version: (typeof ALL_SDK_VERSIONS)[number]): string {
  return join(repository, `test/fixtures/own-nodesdk/sdk-${version}`);
}

/** A program of test/fixtures/own-nodesdk/programs where it finds the packages of one version. */
export function ownNodeSdkProgram(version: (typeof ALL_SDK_VERSIONS)[number], program: string): string {
  return join(ownNodeSdkFolder(version), 'programs', program);
}
