import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { processMillis } from '../../../../src/clock/clock.ts';
import { LineOutput } from '../../../../src/sdk/export/line-output.ts';
import { stdoutTransport } from '../../../../src/sdk/export/stdout-transport.ts';
import { waitFor } from '../../../support/wait-for.ts';

const ENDLESS_MILLIS = 600_000;
const endless = (): number => processMillis() + ENDLESS_MILLIS;
const fail = (code: string): never => {
  throw Object.assign(new Error(`${code}: why`), { code });
};

/** A pipe with room for so many bytes, and the stream in front of it. */
class Pipe {
  room = Infinity;
  /** The `code` of the error that each write makes, if any. */
  broken: string | undefined;
  text = '';
  readonly stream: Writable;

  constructor({ isOnDescriptor = true } = {}) {
    this.stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (this.broken !== undefined) done(Object.assign(new Error(this.broken), { code: this.broken }));
        else {
          this.text += chunk.toString();
          done();
        }
      },
    });
    if (isOnDescriptor) Object.assign(this.stream, { fd: 1 });
  }

  readonly stdout = (): Writable => this.stream;

  readonly writeOutSync = (bytes: Uint8Array): number => {
    if (this.broken !== undefined) return fail(this.broken);
    if (this.room === 0) return fail('EAGAIN');
    const taken = Math.min(this.room, bytes.length);
    this.room -= taken;
    this.text += Buffer.from(bytes.subarray(0, taken)).toString();
    return taken;
  };
}

const line = (text: string): Uint8Array => Buffer.from(`${text}\n`);

describe('LineOutput, while the process lives', () => {
  it('writes lines one after the other, in as many pieces as it takes, and what the application prints behind them', async () => {
    const pipe = new Pipe();
    const output = new LineOutput(pipe);
    pipe.room = 3;
    const written = [output.write(line('first')), output.write(line('second'))];
    await waitFor(() => pipe.text === 'fir', 'a part of the line');
    pipe.stream.write('application\n');
    expect(pipe.text).toBe('fir');
    pipe.room = 2;
    await waitFor(() => pipe.text === 'first', 'another part');
    pipe.room = Infinity;
    await Promise.all(written);
    expect(pipe.text).toBe('first\napplication\nsecond\n');
    expect(pipe.stream.writableCorked).toBe(0);
  });

  it('does not make an error the stream’s, and goes on with the next line', async () => {
    const pipe = new Pipe();
    const output = new LineOutput(pipe);
    pipe.broken = 'EPIPE';
    await expect(output.write(line('first'))).rejects.toThrow('EPIPE');
    expect([pipe.stream.errored, pipe.stream.writableCorked]).toEqual([null, 0]);
    pipe.broken = undefined;
    await output.write(line('second'));
    expect(pipe.text).toBe('second\n');
  });

  it('begins a new line after one that broke off', async () => {
    const pipe = new Pipe();
    const output = new LineOutput(pipe);
    pipe.room = 3;
    const first = output.write(line('first'));
    await waitFor(() => pipe.text === 'fir', 'a part of the line');
    pipe.broken = 'ENOSPC';
    await expect(first).rejects.toThrow('ENOSPC');
    pipe.broken = undefined;
    pipe.room = Infinity;
    await output.write(line('second'));
    await output.write(line('third'));
    expect(pipe.text).toBe('fir\nsecond\nthird\n');
  });

  it('goes behind what waits in the stream', async () => {
    const pipe = new Pipe();
    pipe.stream.cork();
    pipe.stream.write('application\n');
    const written = new LineOutput(pipe).write(line('first'));
    await Promise.resolve();
    pipe.stream.uncork();
    await written;
    expect(pipe.text).toBe('application\nfirst\n');
  });

  it('uses the stream where that has no descriptor, and its error ends nobody', async () => {
    const pipe = new Pipe({ isOnDescriptor: false });
    const output = new LineOutput(pipe);
    await output.write(line('first'));
    pipe.broken = 'EPIPE';
    await expect(output.write(line('second'))).rejects.toThrow('EPIPE');
    await new Promise((resolve) => void setImmediate(resolve));
    expect([pipe.text, pipe.stream.listenerCount('error')]).toEqual(['first\n', 0]);
  });
});

describe('LineOutput, at the end of the process', () => {
  it('finishes the line that is being written, and writes it once', async () => {
    const pipe = new Pipe();
    const output = new LineOutput(pipe);
    const [first, second] = [line('first'), line('second')];
    pipe.room = 3;
    void output.write(first);
    void output.write(second);
    await waitFor(() => pipe.text === 'fir', 'a part of the line');
    pipe.stream.write('application\n');
    pipe.room = Infinity;
    output.writeSync(line('third'), endless());
    output.writeSync(first, endless());
    output.writeSync(second, endless());
    expect(pipe.text).toBe('first\napplication\nthird\nsecond\n');
    expect(pipe.stream.writableCorked).toBe(0);
  });

  it('gives up at the deadline, and begins a new line after the part that it has written', () => {
    const pipe = new Pipe();
    const output = new LineOutput(pipe);
    pipe.room = 3;
    expect(() => output.writeSync(line('first'), processMillis() + 50)).toThrow(
      'standard output did not take it in time',
    );
    expect(() => output.writeSync(line('second'), 0)).toThrow('standard output did not take it in time');
    pipe.room = Infinity;
    output.writeSync(line('third'), endless());
    output.writeSync(line('fourth'), endless());
    expect(pipe.text).toBe('fir\nthird\nfourth\n');
  });

  it('begins a new line after what the stream may have written in part', () => {
    const pipe = new Pipe();
    pipe.stream.cork();
    pipe.stream.write('application\n');
    const output = new LineOutput(pipe);
    output.writeSync(line('first'), endless());
    expect(pipe.text).toBe('\nfirst\n');
  });

  it('says what the system says', () => {
    const pipe = new Pipe();
    pipe.broken = 'EPIPE';
    expect(() => new LineOutput(pipe).writeSync(line('first'), endless())).toThrow('EPIPE: why');
  });
});

describe('the transport to standard output', () => {
  const json = {
    contentType: 'application/json',
    noun: 'spans',
    serialize: (items: readonly number[]) => Buffer.from(items.join()),
    partialSuccess: () => ({ rejected: 0, message: '' }),
  };

  it.each([
    [undefined, 'delivered'],
    ['EPIPE', 'refused'],
    ['EBADF', 'refused'],
    ['EIO', 'refused'],
    ['ENOSPC', 'failed'],
    ['EDQUOT', 'failed'],
  ])('an error of %s: %s', async (code, status) => {
    const pipe = new Pipe();
    pipe.broken = code;
    const transport = stdoutTransport(json, new LineOutput(pipe));
    const final = transport.finalDelivery?.([1]);
    expect([
      await transport.deliver([1], new AbortController().signal),
      final?.kind === 'sync' ? final.deliver(endless()) : undefined,
    ]).toMatchObject([{ status }, { status }]);
  });

  it('writes a batch once, of which a part is written when the process ends', async () => {
    const pipe = new Pipe();
    const transport = stdoutTransport(json, new LineOutput(pipe));
    const items = [1, 2, 3];
    pipe.room = 2;
    void transport.deliver(items, new AbortController().signal);
    await waitFor(() => pipe.text === '1,', 'a part of the line');
    pipe.room = Infinity;
    const final = transport.finalDelivery?.(items);
    expect(final?.kind === 'sync' ? final.deliver(endless()) : undefined).toMatchObject({ status: 'delivered' });
    expect(pipe.text).toBe('1,2,3\n');
  });
});
