import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** Bytes of one read at most. */
const READ_BYTES = 128 * 1024;

type Take = (chunk: Buffer) => void;

/** Who gets the bytes of sockets made here; nobody of ours: the driver. */
const takers = new WeakMap<object, { take: Take | undefined }>();

/**
 * A socket that reads into one buffer of its own. Node would make a new one for each 64 KiB, and V8 then collects
 * garbage for the sake of memory outside its heap, which is a third of the cost of reading a table.
 */
export function createSocket(): Socket {
  const slot: { take: Take | undefined } = { take: undefined };
  // the constructor takes it, too: https://nodejs.org/api/net.html#new-netsocketoptions
  const options: SocketConstructorOpts & ConnectOpts = {
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback(bytes, buffer) {
        const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, bytes);
        if (slot.take) slot.take(chunk);
        // the driver keeps what it has not parsed
        else socket.emit('data', Buffer.from(chunk));
        return true;
      },
    },
  };
  const socket = new Socket(options);
  takers.set(socket, slot);
  return socket;
}

export interface Interception {
  /** Hands bytes to the driver after all. */
  passOn(bytes: Buffer): void;
  release(): void;
}

/** A stream of the driver's: one of our sockets, or TLS over any. */
export type ByteStream = NodeJS.ReadableStream & { listeners(event: 'data'): Take[]; destroy(): void };

/** Takes the bytes of a stream in the place of the driver's parser; a chunk is only good while `take` is called. */
export function interceptBytes(stream: ByteStream, take: Take): Interception {
  const slot = takers.get(stream);
  if (slot) {
    slot.take = take;
    return {
      passOn: (bytes) => void stream.emit('data', bytes),
      release() {
        slot.take = undefined;
      },
    };
  }
  const driver = stream.listeners('data');
  stream.on('data', take);
  for (const listener of driver) stream.removeListener('data', listener);
  return {
    passOn(bytes) {
      for (const listener of driver) listener.call(stream, bytes);
    },
    release() {
      for (const listener of driver) stream.on('data', listener);
      stream.removeListener('data', take);
    },
  };
}
