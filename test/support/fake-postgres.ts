import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { whenTestEnds } from './when-test-ends.ts';

const TEXT = 25;

/** A message of PostgreSQL's protocol, version 3. */
function message(type: string, ...parts: readonly (string | number | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'object' ? part : encode(part))));
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** A text that ends in a null, or an integer of 32 bits. */
function encode(part: string | number): Buffer {
  if (typeof part === 'string') return Buffer.from(`${part}\0`);
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(part);
  return bytes;
}

const int16 = (value: number): Buffer => encode(value).subarray(2);
const READY = message('Z', Buffer.from('I'));
const COLUMN = message('T', int16(1), 'n', 0, int16(0), TEXT, int16(-1), -1, int16(0));
const row = (value: number): Buffer => message('D', int16(1), String(value).length, Buffer.from(String(value)));
const refusal = (text: string): Buffer =>
  message('E', Buffer.from('SERROR\0'), Buffer.from(`C42703\0M${text} is refused\0`), Buffer.from([0]));
const copyResponse = (type: 'G' | 'H'): Buffer => message(type, Buffer.from([0]), int16(0));

/** What the server keeps of a client. */
interface Session {
  readonly statements: Map<string, string>;
  text: string;
  rows: number;
  /** An error was sent: messages are skipped until the client synchronises. */
  failed: boolean;
}

/**
 * A server that speaks enough of PostgreSQL's protocol for a client to believe it, on 127.0.0.1 until the test ends:
 *
 * - `select N …` has N rows; `refuse …` fails with SQLSTATE 42703 and an error that quotes the text; `drop …` ends the connection
 * - `copy … to …` sends two lines, `copy … from …` takes them; anything else succeeds without a row
 *
 * @returns the port
 */
export async function fakePostgres(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  whenTestEnds(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return address.port;
}

function serve(socket: Socket): void {
  let rest = Buffer.alloc(0);
  let started = false;
  const session: Session = { statements: new Map(), text: '', rows: 0, failed: false };
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)]);
    const answers: Buffer[] = [];
    for (;;) {
      // Only the first message has no type.
      const lengthAt = started ? 1 : 0;
      if (rest.length < lengthAt + 4) break;
      const end = lengthAt + rest.readInt32BE(lengthAt);
      if (rest.length < end) break;
      const type = started ? rest.toString('latin1', 0, 1) : 'startup';
      const body = rest.subarray(lengthAt + 4, end);
      rest = rest.subarray(end);
      started = true;
      if (type !== 'X') answers.push(...answer(type, body, session));
      if (type === 'X' || session.text.startsWith('drop')) {
        socket.destroy();
        return;
      }
    }
    if (answers.length > 0) socket.write(Buffer.concat(answers));
  });
}

function answer(type: string, body: Buffer, session: Session): Buffer[] {
  if (type === 'S') {
    session.failed = false;
    return [READY];
  }
  if (session.failed) return [];
  const [first = '', second = ''] = body.toString('utf8').split('\0');
  switch (type) {
    case 'startup':
      return [message('R', 0), message('S', 'server_version', '15.0'), message('K', 4711, 1), READY];
    case 'Q':
      return simple(first, session);
    case 'P':
      session.statements.set(first, second);
      session.text = second;
      if (!second.startsWith('refuse')) return [message('1')];
      session.failed = true;
      return [refusal(second)];
    case 'B':
      session.text = session.statements.get(second) ?? session.text;
      session.rows = rowsOf(session.text);
      return [message('2')];
    case 'D':
      return [session.text.startsWith('select') ? COLUMN : message('n')];
    case 'E':
      return execute(body.readInt32BE(body.indexOf(0) + 1), session);
    case 'C':
      return [message('3')];
    case 'd':
    case 'H':
      return [];
    case 'c':
      return [message('C', 'COPY 2'), READY];
    case 'f':
      return [refusal('copy'), READY];
    default:
      throw new Error(`the client sent ${type}`);
  }
}

const rowsOf = (text: string): number => Number(/^select (\d+)/.exec(text)?.[1] ?? 0);

function simple(text: string, session: Session): Buffer[] {
  session.text = text;
  if (text.startsWith('refuse')) return [refusal(text), READY];
  if (/^copy .* from/.test(text)) return [copyResponse('G')];
  if (text.startsWith('copy')) {
    const lines = ['1\n', '2\n'].map((line) => message('d', Buffer.from(line)));
    return [copyResponse('H'), ...lines, message('c'), message('C', 'COPY 2'), READY];
  }
  session.rows = rowsOf(text);
  return [...(text.startsWith('select') ? [COLUMN] : []), ...execute(0, session), READY];
}

/** @param limit of rows; 0 is none */
function execute(limit: number, session: Session): Buffer[] {
  const count = limit === 0 ? session.rows : Math.min(limit, session.rows);
  session.rows -= count;
  const rows = Array.from({ length: count }, (_, index) => row(index));
  const suspended = limit > 0 && count === limit;
  return [...rows, suspended ? message('s') : message('C', `SELECT ${count}`)];
}
