import type { Alongside, CheckNote } from '@qianzhi/plugin-api';
import type { Session, TextRow } from '../connection/session.js';
import { storedHolders } from './holders.js';
import { positionOf } from './position.js';

/** From 11 on TRUNCATE is in the log: before that no source follows it. */
const OLDEST = 110_000;

/** What the server keeps for sources that follow its log, for `connector check` and doctor; none where it has no log to follow. */
export async function checkLog(
  session: Session,
  followers: Alongside | undefined,
  signal: AbortSignal,
): Promise<CheckNote[]> {
  if (session.version < OLDEST || session.standby || session.config.flavour?.log === false) return [];
  const settings = await session.query(
    `SELECT pg_catalog.current_setting('wal_level') AS level, pg_catalog.pg_current_wal_lsn() AS here,
       coalesce(pg_catalog.current_setting('max_slot_wal_keep_size', true), '-1') AS most`,
    [],
    signal,
  );
  const { rows: slots } = await session.query(
    `SELECT slot_name AS slot, active, restart_lsn AS restart FROM pg_catalog.pg_replication_slots
     WHERE plugin = 'pgoutput' AND NOT temporary AND database = pg_catalog.current_database()
       AND slot_name LIKE 'qianzhi\\_log\\_%' ORDER BY 1`,
    [],
    signal,
  );
  const { level, most, here } = settings.rows[0]!;
  if (level !== 'logical' && slots.length === 0) return [];
  const end = positionOf(here!);
  const keptOf = ({ restart }: TextRow) => (restart ? mebibytes(end - positionOf(restart)) : 0);
  const lost = slots.filter(({ restart }) => restart === null).length;
  const kept = Math.max(0, ...slots.map(keptOf));
  return [
    {
      level: 'ok',
      strategy: 'log',
      zh: `日志:wal_level 为 ${level},本产品的复制槽 ${slots.length} 个(失效 ${lost} 个),为其最多保留 ${kept} MiB,max_slot_wal_keep_size 为 ${most};落后超过 log.maxLagMiB(缺省 5120)的资源不再等待,重新全量`,
      en: `log: wal_level ${level}, ${slots.length} slots of ours (${lost} lost), at most ${kept} MiB kept for one, max_slot_wal_keep_size ${most}; a resource further behind than log.maxLagMiB (5120 unless told) is not waited for, and copied again`,
    },
    ...slots.flatMap((row) => ofSlot(row, keptOf(row), end, followers)),
  ];
}

/** Who of this connector shares a slot and holds it back, or how one of no use goes. */
function ofSlot(
  { slot, active }: TextRow,
  kept: number,
  end: bigint,
  followers: Alongside | undefined,
): CheckNote[] {
  const holders = storedHolders(slot!, followers);
  const last = holders.toSorted((a, b) => (a.position < b.position ? -1 : 1))[0];
  if (last) {
    const behind = mebibytes(end - last.position);
    return [
      {
        level: 'ok',
        strategy: 'log',
        zh: `复制槽 ${slot}:${holders.length} 个资源共用,保留 ${kept} MiB;最落后的是 ${last.resource}(${behind} MiB)`,
        en: `slot ${slot}: shared by ${holders.length} resources, ${kept} MiB kept; held back by ${last.resource} (${behind} MiB behind)`,
      },
    ];
  }
  if (active === 't') return [];
  const sql = `SELECT pg_drop_replication_slot('${slot}'); DROP PUBLICATION IF EXISTS "${slot}"`;
  return [
    {
      level: 'ok',
      zh: `复制槽 ${slot}:本前置机没有数据交换使用它,保留 ${kept} MiB;如也没有其他前置机使用,由数据库管理员执行 ${sql}`,
      en: `slot ${slot}: no exchange of this agent uses it, ${kept} MiB kept; unless another agent does, have ${sql} run`,
    },
  ];
}

function mebibytes(bytes: bigint): number {
  return Number(bytes / 1_048_576n);
}
