import { createHash, randomUUID } from 'node:crypto';
import type { CatalogResource } from '@qianzhi/model';
import type { Checkpoint, OpenPushes, PushAnswer, PushRequest } from '@qianzhi/plugin-api';
import { pushErrors } from './errors.js';
import type { PushLog } from './log/push-log.js';
import type { PushRow } from './log/push-table.js';
import { createJudge } from './records/judge.js';
import { isPast, placeOf } from './source/place.js';

export interface PushesParts {
  readonly log: PushLog;
  readonly resource: CatalogResource;
  readonly limitBytes: number;
  readonly now: () => Date;
  readonly release: () => void;
}

export function openPushes({ log, resource, limitBytes, now, release }: PushesParts): OpenPushes {
  const { code, schemaVersion: version } = resource;
  const columns = resource.items.map(({ column }) => column);
  const judge = createJudge(resource);

  /** The earlier answer, where the very same was pushed before. */
  function answerAgain(known: PushRow, digest: Uint8Array): PushAnswer {
    if (!Buffer.from(known.digest).equals(digest)) throw pushErrors.KEY_REUSED({ push: known.id });
    return { ...answerOf(known), repeated: true };
  }

  function answerOf({ id, version: schemaVersion, at, records, refused }: PushRow) {
    return { id, resource: code, schemaVersion, at, records, accepted: records - refused.length, refused };
  }

  return {
    async push(request) {
      const { system, idempotencyKey } = request;
      const digest = digestOf(request);
      const known = idempotencyKey === undefined ? undefined : log.find(system, idempotencyKey);
      if (known) return answerAgain(known, digest);
      const { waitingBytes: bytes } = log.facts();
      if (bytes >= limitBytes) throw pushErrors.FULL({ resource: code, bytes, limit: limitBytes });
      const { records, rows, refused } = judge(request);
      const id = randomUUID();
      const taken = await log.append({
        id,
        system,
        idempotencyKey: idempotencyKey ?? null,
        digest,
        version,
        at: now().toISOString(),
        records,
        refused,
        columns,
        rows: rows.map((row) => ({ ...row, version })),
      });
      // another request of the same key was quicker
      return taken.id === id ? { ...answerOf(taken), repeated: false } : answerAgain(taken, digest);
    },
    show(id, system) {
      const found = log.show(id);
      if (found?.system !== system) return undefined;
      const answer = answerOf(found);
      const past = (checkpoint: Checkpoint, seq: number) => {
        const place = placeOf(checkpoint, code);
        return place.push === log.origin && isPast(place, seq);
      };
      return {
        ...answer,
        confirmed: found.last <= log.confirmed(),
        // its changes stand one behind the other
        begun: (checkpoint) => past(checkpoint, found.last - Math.max(answer.accepted, 1) + 1),
        within: (checkpoint) => past(checkpoint, found.last),
      };
    },
    facts: () => ({ ...log.facts(), limitBytes }),
    async [Symbol.asyncDispose]() {
      release();
    },
  };
}

function digestOf({ form, text }: PushRequest): Uint8Array {
  return createHash('sha256').update(`${form}\n`).update(text).digest();
}
