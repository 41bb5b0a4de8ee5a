import {
  checkShape,
  type KeyRecord,
  type ReconcileHello,
  ReconcileHelloSchema,
  type Signed,
  SignedSchema,
} from '@qianzhi/model';
import {
  createAgreementKey,
  documentDigest,
  type SigningKey,
  signDocument,
  verifyDocument,
} from '@qianzhi/model/crypto';
import { reconcileErrors } from './errors.js';

/** What lies between the two agents: keeps each side's payloads in order until the other has taken them, and can read none. */
export interface Mailbox {
  put(payload: Uint8Array, signal: AbortSignal): Promise<void>;
  /** The other side's next one. Throws when it has given up, or says nothing for too long. */
  next(signal: AbortSignal): Promise<Uint8Array>;
}

export interface TalkOf {
  readonly session: string;
  readonly role: 'provider' | 'consumer';
  readonly agent: string;
  readonly peer: string;
  readonly schemaVersion: number;
  readonly resource: string;
  readonly signingKey: SigningKey;
  /** The key directory as the platform signed it. */
  readonly keys: readonly KeyRecord[];
  readonly mailbox: Mailbox;
  readonly now: () => Date;
}

/** Messages between the two agents that nobody in between can read, change, drop or repeat unnoticed. */
export interface Talk {
  /** The key of the session's digests. */
  readonly digestKey: Uint8Array;
  send(kind: string, body: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Throws QZ_RECONCILE_MESSAGE_BROKEN for another kind, QZ_MODEL_SEAL_BROKEN for what was changed. */
  receive(kind: string, signal: AbortSignal): Promise<Uint8Array>;
}

/** Bytes of a message in one payload: with base64url and JSON around it well below a request's 1 MiB. */
const PAGE_BYTES = 512 * 1024;
const MOST_PAGES = 256;
const SignedHello = SignedSchema(ReconcileHelloSchema);

/** Greets the other side and comes to the keys with it. */
export async function openTalk(of: TalkOf, signal: AbortSignal): Promise<Talk> {
  const { mailbox, role, session } = of;
  const { suite } = of.signingKey;
  const agreement = createAgreementKey();
  const body: ReconcileHello = {
    type: 'reconcile-hello',
    session,
    agent: of.agent,
    publicKey: agreement.publicKey,
    schemaVersion: of.schemaVersion,
  };
  const own = signDocument(body, of.signingKey);
  await mailbox.put(Buffer.from(JSON.stringify(own)), signal);
  const theirs = helloOf(of, await mailbox.next(signal));
  const hellos = role === 'provider' ? [own, theirs] : [theirs, own];
  const context = [session, ...hellos.map((hello) => documentDigest(hello, suite))].join('\n');
  const keys = agreement.agree(theirs.body.publicKey, context, ['digest', 'provider', 'consumer']);
  const peerRole = role === 'provider' ? 'consumer' : 'provider';
  let sent = 0;
  let received = 0;

  return {
    digestKey: keys.digest,
    async send(kind, bytes, inner) {
      const pages = Math.max(1, Math.ceil(bytes.length / PAGE_BYTES));
      for (let page = 0; page < pages; page++) {
        const part = bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
        const head = Buffer.from(`${JSON.stringify({ kind, last: page === pages - 1 })}\n`);
        const sealed = suite.seal(keys[role], Buffer.concat([head, part]), place(session, role, sent++));
        await mailbox.put(sealed, inner);
      }
    },
    async receive(kind, inner) {
      const parts: Uint8Array[] = [];
      for (let page = 0; page < MOST_PAGES; page++) {
        const sealed = await mailbox.next(inner);
        const plain = suite.unseal(keys[peerRole], sealed, place(session, peerRole, received++));
        const end = plain.indexOf(10);
        const head = JSON.parse(Buffer.from(plain.subarray(0, end)).toString()) as Readonly<
          Record<string, unknown>
        >;
        if (head.kind !== kind) throw reconcileErrors.MESSAGE_BROKEN({ what: kind });
        parts.push(plain.subarray(end + 1));
        if (head.last === true) return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      }
      throw reconcileErrors.MESSAGE_BROKEN({ what: kind });
    },
  };
}

/** Binds a payload to its place: one that is dropped, repeated or moved does not open. */
function place(session: string, role: string, n: number): Uint8Array {
  return Buffer.from(`reconcile\n${session}\n${role}\n${n}`);
}

function helloOf(of: TalkOf, payload: Uint8Array): Signed<ReconcileHello> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(payload).toString());
  } catch (cause) {
    throw reconcileErrors.MESSAGE_BROKEN({ what: 'hello' }, cause);
  }
  const hello = checkShape(SignedHello, parsed, 'reconcile-hello');
  const signer = verifyDocument(hello, of.keys, of.now().toISOString());
  if (signer.owner !== of.peer || hello.body.agent !== of.peer)
    throw reconcileErrors.PEER_FOREIGN({ expected: of.peer, owner: signer.owner });
  if (hello.body.session !== of.session) throw reconcileErrors.MESSAGE_BROKEN({ what: 'hello' });
  if (hello.body.schemaVersion !== of.schemaVersion) {
    const { resource, schemaVersion } = of;
    throw reconcileErrors.SCHEMA_DIFFERS({
      resource,
      own: schemaVersion,
      theirs: hello.body.schemaVersion,
    });
  }
  return hello;
}
