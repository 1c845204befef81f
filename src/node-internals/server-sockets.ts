import { type Server, Socket } from 'node:net';

/**
 * Every open connection that a server has accepted: `process._getActiveHandles()` (deprecated in the
 * documentation, DEP0161) lists the sockets of the process, `socket._server` (undocumented) names the server that accepted one.
 * Seen on Node 22, 24 and 26.
 *
 * Under TLS these are the TCP sockets, whose end is the TLS socket's end too. Connections that the application has unreferenced
 * are not among them. The public ways: `getConnections()` is only a number, `closeAllConnections()` is for HTTP/1 only, and events and
 * diagnostics channels report only later connections.
 *
 * Where one is missing the list is empty: connections of `node:net` and `node:tls`, upgraded ones and those of `node:http2` are
 * then not destroyed at the deadline, but still counted (`connectionsLeft`), and under TLS one that has sent nothing yet is not
 * closed before it.
 */
export function socketsOf(server: Server): Socket[] {
  const list: unknown = Reflect.get(process, '_getActiveHandles');
  const handles: unknown = typeof list === 'function' ? Reflect.apply(list, process, []) : undefined;
  return Array.isArray(handles) ? handles.filter((handle) => isSocketOf(handle, server)) : [];
}

function isSocketOf(handle: unknown, server: Server): handle is Socket {
  return handle instanceof Socket && Reflect.get(handle, '_server') === server;
}
