/**
 * Whether the `exit` event is being emitted, or is over: `process._exiting`, undocumented, set by `process.exit()` and by Node when
 * an error ends the process or the thread. Seen on Node 22, 24 and 26.
 *
 * The only public way is the event itself, which a listener that was added too late does not receive. Where the field is missing, what an
 * `exit` listener throws that was added in the turn of `process.exit()` is not delivered, nor what was recorded in that turn.
 */
export function isExiting(): boolean {
  return Reflect.get(process, '_exiting') === true;
}
