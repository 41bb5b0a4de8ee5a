/** What the three programs of a relay have in common: HTTP on kept connections, and a SQLite file that each commit goes to the disk of. */
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import Database from 'better-sqlite3';

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** Sends a body to the platform; the body of its answer. */
export async function call(port, method, body) {
  const asked = request({
    port,
    host: '127.0.0.1',
    method,
    agent,
    headers: { 'content-length': body.length },
  });
  asked.end(body);
  const [answer] = await once(asked, 'response');
  return wholeOf(answer);
}

/** Listens on a free port of loopback. `answer` gets the method, the body and what sends an answer. */
export async function listen(answer) {
  const server = createServer(async (request, response) => {
    const body = await wholeOf(request);
    await answer(request.method, body, (sent) => response.end(sent));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

/** Hands out what came, in order, to those who ask for it. */
export function createDesk() {
  const held = [];
  const waiting = [];
  const meet = () => {
    while (held.length > 0 && waiting.length > 0) waiting.shift()(held.shift());
  };
  return {
    put(one) {
      held.push(one);
      meet();
    },
    ask(take) {
      waiting.push(take);
      meet();
    },
  };
}

/** Each call is a commit that is on the disk. */
export function openLog(file) {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE log (n INTEGER PRIMARY KEY, body BLOB)');
  const insert = database.prepare('INSERT INTO log (body) VALUES (?)');
  return (body) => insert.run(body);
}

/** The bytes of a body. */
export async function wholeOf(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What this program is one of, by its arguments `ROLE SETTINGS`; it tells its parent what that answers, or that it is done. */
export async function takeRole(roles) {
  const [, , role, settings] = process.argv;
  process.send({ done: (await roles[role](JSON.parse(settings))) ?? true });
}
