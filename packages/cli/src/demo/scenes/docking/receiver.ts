import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Values = Readonly<Record<string, string | null>>;

interface Sent {
  readonly data: {
    readonly records: readonly {
      readonly cursor: string;
      readonly op: string;
      readonly key: Values;
      readonly values: Values;
    }[];
  };
}

/** A business system: verifies each letter by the specification, keeps what came, knows nothing of qianzhi. */
export interface BusinessSystem {
  readonly url: string;
  /** `webhook-id` of every request, in order. */
  readonly ids: readonly string[];
  readonly forged: number;
  /** Records that came twice. */
  readonly repeated: number;
  /** Records by their code. */
  readonly held: Map<string, Values>;
  /** What it answers to the next requests, then 204. */
  readonly answers: number[];
  close(): Promise<void>;
}

export async function openBusinessSystem(secret: string): Promise<BusinessSystem> {
  const ids: string[] = [];
  const held = new Map<string, Values>();
  const answers: number[] = [];
  const seen = new Set<string>();
  const counts = { forged: 0, repeated: 0 };

  function take({ data }: Sent): void {
    for (const { cursor, op, key, values } of data.records) {
      if (seen.has(cursor)) counts.repeated += 1;
      seen.add(cursor);
      if (op === 'upsert') held.set(key.code!, values);
      else if (op === 'delete') held.delete(key.code!);
      else held.clear();
    }
  }

  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
    const signed = createHmac('sha256', secret).update(`${id}.${at}.`).update(body).digest('base64');
    if (signature !== `v1,${signed}`) counts.forged += 1;
    ids.push(String(id));
    const status = answers.shift() ?? 204;
    if (status < 300) take(JSON.parse(body.toString('utf8')) as Sent);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/divisions`,
    ids,
    held,
    answers,
    get forged() {
      return counts.forged;
    },
    get repeated() {
      return counts.repeated;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
