import { setTimeout } from '../clock/clock.ts';
import { isMainThread } from 'node:worker_threads';
import { diag } from '@opentelemetry/api';
import { findInstalledVersion } from '../application/installed-version.ts';
import { DISTRIBUTION_NAME, VERSION } from '../config/distribution.ts';
import { registeredApiVersion } from './global-api.ts';

const API = '@opentelemetry/api';
/** By then an application is up: looking for a package must not be part of its start. */
const DELAY_MILLIS = 1000;

/**
 * A copy of the API takes what was registered by its own minor version or a later one, since it may call what an earlier one
 * lacks. What an earlier one has registered it refuses without a word: its calls do nothing. (To register under a later
 * version than our copy's would promise functions that are not there, and the application would be who calls them.)
 *
 * @returns says so, in one line and once, where the application's API is newer than ours. Never throws.
 */
export function createNewerApiWarning(): () => void {
  // The API is the same in every thread.
  let done = !isMainThread;
  return () => {
    if (done) return;
    done = true;
    const ours = registeredApiVersion();
    const theirs = findInstalledVersion(API);
    if (typeof ours !== 'string' || theirs === undefined || !isNewer(theirs, ours)) return;
    diag.warn(
      `${API} ${theirs} of the application is newer than the ${ours} of ${DISTRIBUTION_NAME} ${VERSION}: what the ` +
        `application records through it is lost. Update: npm install ${DISTRIBUTION_NAME}@latest`,
    );
  };
}

/** For a process that lives; that of a shorter one is said at its end. */
export function warnLater(warn: () => void): void {
  setTimeout(warn, DELAY_MILLIS).unref();
}

/** Patch versions do not matter to the API. */
export function isNewer(version: string, than: string): boolean {
  const [major, minor] = parse(version);
  const [thanMajor, thanMinor] = parse(than);
  return major > thanMajor || (major === thanMajor && minor > thanMinor);
}

function parse(version: string): readonly [number, number] {
  const [major, minor] = version.split('.', 2).map(Number);
  return [major ?? NaN, minor ?? NaN];
}
