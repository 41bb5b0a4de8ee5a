import type { FastifyInstance } from 'fastify';

/** How long requests under way are waited for when the platform stops. */
const DRAIN_MS = 10_000;

/**
 * Counts requests under way, to close the server without cutting them off. Answers the closing function: it takes no
 * new connections, waits for the answers (10 s at most), then ends what is left: connections that are kept
 * alive or never sent anything.
 */
export function drainOnClose(app: FastifyInstance): () => Promise<void> {
  let underWay = 0;
  let onNone: (() => void) | undefined;
  app.addHook('onRequest', async (_, reply) => {
    underWay += 1;
    reply.raw.once('close', () => {
      underWay -= 1;
      if (underWay === 0) onNone?.();
    });
  });
  return async () => {
    const closed = app.close();
    if (underWay > 0) {
      await new Promise<void>((done) => {
        onNone = done;
        setTimeout(done, DRAIN_MS).unref();
      });
    }
    app.server.closeAllConnections();
    await closed;
  };
}
