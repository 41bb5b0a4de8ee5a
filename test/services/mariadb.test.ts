import { expect, it } from 'vitest';
import { hasMariadb, startMariadb } from './mariadb.js';

it.runIf(hasMariadb())(
  'starts a private MariaDB, survives a crash of it and leaves nothing behind',
  async () => {
    const server = await startMariadb();
    try {
      expect(server.url).toMatch(/^mysql:\/\/qianzhi:[0-9a-f]{24}@127\.0\.0\.1:\d+\/mysql$/);
      const first = server.pid();
      await server.stop('immediate');
      expect(server.pid()).toBeUndefined();
      await server.start();
      expect(server.pid()).not.toBe(first);
    } finally {
      await server[Symbol.asyncDispose]();
    }
    expect(server.pid()).toBeUndefined();
  },
);
