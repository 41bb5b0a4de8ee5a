import { finished, type Readable } from 'node:stream';

/**
 * Hands on the pieces of a body as they come; resolves at its end. Throws what broke the stream or what `take` throws, and
 * then reads no further.
 *
 * Not `for await`: that goes through the stream's own linked list, in which one piece that has grown old keeps all that came
 * after it, so that megabytes of each body wait for a full collection, and bring one every few bodies.
 */
export function eachPiece(incoming: Readable, take: (piece: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const each = (piece: Uint8Array) => {
      try {
        take(piece);
      } catch (error) {
        // a destroyed stream still hands out what it holds
        incoming.off('data', each);
        reject(error);
        incoming.destroy();
      }
    };
    incoming.on('data', each);
    finished(incoming, { writable: false }, (error) => (error ? reject(error) : resolve()));
  });
}
