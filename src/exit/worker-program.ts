/** sync-request.worker.ts, bundled and minified: the build puts the text here (scripts/exit-worker-program.ts). */
declare const EXIT_WORKER_PROGRAM: string;

/** The program of the exit worker. It is part of the bundle, so that it is there when the files of the bundle are gone. */
export function exitWorkerProgram(): string {
  return EXIT_WORKER_PROGRAM;
}
