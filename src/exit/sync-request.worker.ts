import { workerData } from 'node:worker_threads';
import { LaneConnections } from './export-attempts.ts';
import type { ExitMessage, ExitWork } from './exit-request.ts';
import type { ExitWorkerData } from './exit-worker.ts';
import { RequestLane } from './request-lane.ts';

// The exit worker: sends requests, retries those that may be retried, posts the answer of each, and wakes the thread that waits. It
// is started when the process ends, from a text: no file but Node's own is there for sure, so it loads none.

const { port, changes }: ExitWorkerData = workerData;
const lanes = new Map<number, RequestLane>();

function laneOf({ lane: number }: ExitWork): RequestLane {
  let lane = lanes.get(number);
  if (lane === undefined) {
    const connections = new LaneConnections();
    lane = new RequestLane({ attempts: (work) => connections.attempts(work), onAnswer });
    lanes.set(number, lane);
  }
  return lane;
}

function onAnswer(message: ExitMessage): void {
  port.postMessage(message);
  tell();
}

function tell(): void {
  Atomics.add(changes, 0, 1);
  Atomics.notify(changes, 0);
}

// The listener keeps this thread alive for further requests; it ends with the process.
port.on('message', (work: ExitWork) => laneOf(work).add(work));
tell();
