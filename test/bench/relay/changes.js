/**
 * Changes by three programs that do nothing else: a commit of its own at each, a synced write at the platform and an upsert at the target.
 * Nothing is signed or checked, and no log is read: the provider is told of a change by a message. What waits while a batch is on its way is the
 * next batch.
 */
import { fdatasync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { call, createDesk, listen, openLog, takeRole } from './programs.js';

/** About what a batch of a few rows has of manifest, a receipt and a poll. */
const [BATCH, RECEIPT, POLL] = [1_500, 900, 200].map((bytes) => 'x'.repeat(bytes));
const RECEIPTS_MS = 50;

takeRole({
  async platform({ held }) {
    const log = openLog(join(held, 'platform.sqlite'));
    const segment = openSync(join(held, 'segment'), 'a');
    const sync = promisify(fdatasync);
    const desk = createDesk();
    return listen(async (method, body, answer) => {
      if (method === 'POST') return desk.ask(answer);
      if (method === 'PUT') {
        writeSync(segment, body);
        await sync(segment);
      }
      log(body);
      answer(RECEIPT);
      if (method === 'PUT') desk.put(body);
    });
  },

  provider({ held, port }) {
    const log = openLog(join(held, 'provider.sqlite'));
    let waiting = [];
    let sending = false;
    process.on('message', async (key) => {
      waiting.push(key);
      if (sending) return;
      sending = true;
      while (waiting.length > 0) {
        const body = Buffer.from(JSON.stringify({ keys: waiting, BATCH }));
        waiting = [];
        log(body);
        await call(port, 'PUT', body);
      }
      sending = false;
    });
  },

  async consumer({ held, port, url }) {
    const log = openLog(join(held, 'consumer.sqlite'));
    const client = new pg.Client(url);
    await client.connect();
    await client.query('CREATE TABLE IF NOT EXISTS relayed (id bigint PRIMARY KEY, value text)');
    const text =
      'INSERT INTO relayed SELECT id, $2 FROM unnest($1::bigint[]) AS id ON CONFLICT (id) DO UPDATE SET value = excluded.value';
    let owed = 0;
    setInterval(async () => {
      if (owed > 0) await call(port, 'PATCH', Buffer.from(RECEIPT));
      owed = 0;
    }, RECEIPTS_MS);
    const poll = () => call(port, 'POST', Buffer.from(POLL));
    (async () => {
      for (let next = poll(); ; ) {
        const { keys } = JSON.parse(await next);
        next = poll();
        await client.query({ name: 'upsert', text, values: [keys, POLL] });
        process.send({ keys, at: performance.timeOrigin + performance.now() });
        log(RECEIPT);
        owed++;
      }
    })();
  },
});
