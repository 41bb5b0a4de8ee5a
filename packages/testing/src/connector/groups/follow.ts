import { sameRows } from '../assertions.js';
import { createReplay, lastCheckpoint, type ReadBlock, readBlocks } from '../reading.js';
import { enterprise, enterprises } from '../resources.js';
import type { Session } from '../session.js';

/** A table that is read from checkpoint to checkpoint, and what a target would hold of it. */
export async function follow(session: Session, strategy: 'change-table' | 'log', rows = enterprises(1, 10)) {
  const table = await session.site.createTable(enterprise, {
    rows,
    changeTable: strategy === 'change-table',
  });
  const replay = createReplay(enterprise);
  let checkpoint: string | undefined;
  /** One run of a source opened anew: read, then confirm as after the receipt. */
  async function run(limits?: { blockBytes: number }): Promise<ReadBlock[]> {
    const source = await session.source(table, enterprise, strategy);
    const blocks = await readBlocks(source, enterprise, checkpoint, session.signal, limits);
    checkpoint = lastCheckpoint(blocks, checkpoint);
    replay.apply(blocks);
    if (checkpoint !== undefined) await source.confirm(checkpoint, session.signal);
    return blocks;
  }
  const holdsTable = async (what: string) => sameRows(replay.rows(), await table.readAll(), what);
  return { table, run, holdsTable };
}
