// Set up in every test file while mutation.ts looks which tests enter which functions; see coverage.ts.
import { afterEach } from 'vitest';

declare global {
  var entered: Set<string> | undefined;
}

declare module 'vitest' {
  interface TaskMeta {
    entered?: readonly string[];
  }
}

afterEach(({ task }) => {
  task.file.meta.entered = [...(globalThis.entered ?? [])];
});
