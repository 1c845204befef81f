import { setTimeout } from '../clock/clock.ts';
import { isMainThread } from 'node:worker_threads';
import { diag } from '@opentelemetry/api';
import { findInstalledVersion } from '../application/installed-version.ts';
import { DISTRIBUTION_NAME, VERSION } from '../config/distribution.ts';
import { registeredApiVersion } from './global-api.ts';

const API = '@opentelemetry/api';
/** By then an application has usually started: looking up a package must not delay its start. */
const DELAY_MILLIS = 1000;

/**
 * A copy of the API accepts what was registered by its own minor version or a later one, since it may call functions that an
 * earlier one lacks. What an earlier one has registered it silently ignores: its calls do nothing. (Registering under a later
 * version than that of swansong's copy would let the application call functions that do not exist.)
 *
 * @returns a function that warns once, in one line, if the application's API is newer than swansong's. Never throws.
 */
export function createNewerApiWarning(): () => void {
  // The API is the same in every thread.
  let done = !isMainThread;
  return () => {
    if (done) return;
    done = true;
    const registered = registeredApiVersion();
    const installed = findInstalledVersion(API);
    if (typeof registered !== 'string' || installed === undefined || !isNewer(installed, registered)) return;
    diag.warn(
      `${API} ${installed} of the application is newer than the ${registered} of ${DISTRIBUTION_NAME} ${VERSION}: what the ` +
        `application records through it is lost. Update: npm install ${DISTRIBUTION_NAME}@latest`,
    );
  };
}

/** For a process that runs longer than the delay; a shorter one calls `warn` when it ends. */
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
