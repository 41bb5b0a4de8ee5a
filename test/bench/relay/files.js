/**
 * Files by three programs that do nothing else. The provider reads and digests them and sends forty at a time, the platform digests and stores
 * these with a sync, the consumer digests each again, writes it with a sync and renames it.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { call, createDesk, listen, takeRole } from './programs.js';

const PACK = 40;
/** Before the files of a pack stands which the first of them is. */
const FIRST_BYTES = 4;
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
const atOnce = (count, work) => Promise.all(Array.from({ length: count }, work));

async function store(path, bytes) {
  const file = await open(path, 'w');
  await file.write(bytes);
  await file.datasync();
  await file.close();
}

takeRole({
  async platform({ held }) {
    const desk = createDesk();
    let packs = 0;
    return listen(async (method, body, answer) => {
      if (method === 'POST') return desk.ask(async (path) => answer(await readFile(path)));
      digest(body);
      const path = join(held, String(packs++));
      await store(path, body);
      answer('stored');
      desk.put(path);
    });
  },

  /** Begins when it is told to. */
  async provider({ from, port }) {
    await once(process, 'message');
    const names = (await readdir(from)).sort();
    let begun = 0;
    await atOnce(3, async () => {
      while (begun < names.length) {
        const first = begun;
        begun += PACK;
        const pack = names.slice(first, begun).map((name) => readFile(join(from, name)));
        const files = await Promise.all(pack);
        for (const file of files) digest(file);
        await call(port, 'PUT', Buffer.concat([Buffer.from(Uint32Array.of(first).buffer), ...files]));
      }
    });
  },

  async consumer({ from, to, port, bytes }) {
    const names = (await readdir(from)).sort();
    let packs = Math.ceil(names.length / PACK);
    await atOnce(2, async () => {
      while (packs-- > 0) {
        const pack = await call(port, 'POST', Buffer.alloc(0));
        const first = pack.readUInt32LE();
        await atOnce((pack.length - FIRST_BYTES) / bytes, async (_, at) => {
          const file = pack.subarray(FIRST_BYTES + at * bytes, FIRST_BYTES + (at + 1) * bytes);
          digest(file);
          const path = join(to, names[first + at]);
          await store(`${path}.part`, file);
          await rename(`${path}.part`, path);
        });
      }
    });
  },
});
