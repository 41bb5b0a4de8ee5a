import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { modelErrors } from '../errors.js';
import type { AgreementKey } from './key-agreement.js';

/** What one side of a line sends: a JSON head, and bytes that follow it. */
export interface Frame {
  readonly head: unknown;
  readonly bytes: Uint8Array;
}

export interface Frames {
  /** The next frame to the other side, of a head in JSON. */
  write(head: string, bytes?: Uint8Array): Buffer;
  /** The next frame from it. Throws QZ_MODEL_FRAME_WRONG for one that it did not send, or not next. */
  read(frame: Uint8Array): Frame;
}

/**
 * Both sides' frames of the line that a signed request with this nonce opened, each side's key of the agreement being signed by it.
 * Throws QZ_MODEL_KEY_MALFORMED for what is no such key.
 */
export function agreeOnFrames(
  side: 'agent' | 'platform',
  own: AgreementKey,
  theirs: string,
  nonce: string,
): Frames {
  const both = side === 'agent' ? [own.publicKey, theirs] : [theirs, own.publicKey];
  const { fromAgent, fromPlatform } = own.agree(theirs, [nonce, ...both].join(' '), [
    'fromAgent',
    'fromPlatform',
  ]);
  return side === 'agent'
    ? createFrames({ write: fromAgent, read: fromPlatform })
    : createFrames({ write: fromPlatform, read: fromAgent });
}

const MAC_BYTES = 32;
const LENGTH_BYTES = 4;
const NOTHING = new Uint8Array(0);

/**
 * Frames of a line: HMAC-SHA-256 (RFC 2104) over the frame's number and all that follows the HMAC, then the head's length, head and
 * bytes. Each direction counts from 0 under a key of its own, so a frame that was changed, left out, sent again or sent back is found.
 */
function createFrames(keys: { readonly write: Uint8Array; readonly read: Uint8Array }): Frames {
  const own = createSecretKey(keys.write);
  const theirs = createSecretKey(keys.read);
  let written = 0;
  let read = 0;
  return {
    write(head, bytes = NOTHING) {
      const length = Buffer.byteLength(head);
      const frame = Buffer.allocUnsafe(MAC_BYTES + LENGTH_BYTES + length + bytes.length);
      frame.writeUInt32BE(length, MAC_BYTES);
      frame.write(head, MAC_BYTES + LENGTH_BYTES);
      frame.set(bytes, MAC_BYTES + LENGTH_BYTES + length);
      frame.set(macOf(own, written++, frame));
      return frame;
    },
    read(frame) {
      const from = MAC_BYTES + LENGTH_BYTES;
      if (frame.length < from || !timingSafeEqual(macOf(theirs, read, frame), frame.subarray(0, MAC_BYTES)))
        throw modelErrors.FRAME_WRONG({ number: read });
      read++;
      const text = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
      const to = from + text.readUInt32BE(MAC_BYTES);
      return { head: JSON.parse(text.toString('utf8', from, to)), bytes: frame.subarray(to) };
    },
  };
}

function macOf(key: KeyObject, number: number, frame: Uint8Array): Buffer {
  const place = Buffer.allocUnsafe(8);
  place.writeBigUInt64BE(BigInt(number));
  return createHmac('sha256', key).update(place).update(frame.subarray(MAC_BYTES)).digest();
}
