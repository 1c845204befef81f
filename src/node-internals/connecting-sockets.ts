import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { diag } from '@opentelemetry/api';

const CHANNEL = 'net.client.socket';

/**
 * Calls `connecting` within each call of `Socket.prototype.connect()`, before the socket connects: it finds the caller on the stack.
 *
 * The public way is the channel `net.client.socket`. Node 22.15, 22.16 and 24.0 publish on it only for `net.connect()`, later
 * versions (seen: 22.17, 22.23, 24.21, 26.12) for every socket. Where it does not, `connect` becomes an accessor that returns the
 * function which was there, so that no stack trace has more frames. Where Node does neither, `connecting` is never called.
 */
export function onConnecting(connecting: () => void): void {
  const guarded = (): void => {
    try {
      connecting();
    } catch (error) {
      diag.error('looking at what connects a socket failed', error);
    }
  };
  if (publishesEveryConnection()) subscribe(CHANNEL, guarded);
  else beforeConnect(guarded);
}

/** Tried only where it is not known, since a socket costs a millisecond at the start. One that lacks what it needs publishes, too, and then throws. */
function publishesEveryConnection(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor > 0) || (major === 22 && minor > 16)) return true;
  let published = false;
  const socket = new Socket();
  const seen = (): void => {
    published = true;
  };
  subscribe(CHANNEL, seen);
  try {
    Reflect.apply(socket.connect.bind(socket), undefined, [{}]);
  } catch {
    // ERR_MISSING_ARGS
  } finally {
    unsubscribe(CHANNEL, seen);
  }
  return published;
}

function beforeConnect(connecting: () => void): void {
  const { prototype } = Socket;
  const present = Object.getOwnPropertyDescriptor(prototype, 'connect');
  if (present?.configurable !== true || present.get !== undefined) return;
  let { value }: { value?: unknown } = present;
  Object.defineProperty(prototype, 'connect', {
    configurable: true,
    enumerable: present.enumerable === true,
    get(this: object): unknown {
      if (this !== prototype) connecting();
      return value;
    },
    // As for a plain property: an assignment to a socket creates its own property.
    set(this: object, assigned: unknown) {
      if (this === prototype) value = assigned;
      else {
        Object.defineProperty(this, 'connect', {
          value: assigned,
          configurable: true,
          enumerable: true,
          writable: true,
        });
      }
    },
  });
}
