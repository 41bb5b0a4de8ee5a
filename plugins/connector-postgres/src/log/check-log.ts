import type { CheckNote } from '@qianzhi/plugin-api';
import type { Session } from '../connection/session.js';

/** From 11 on TRUNCATE is in the log: before that no source follows it. */
const OLDEST = 110_000;

/** What the server keeps for sources that follow its log, for `connector check` and doctor; none where it has no log to follow. */
export async function checkLog(session: Session, signal: AbortSignal): Promise<CheckNote[]> {
  if (session.version < OLDEST || session.standby || session.config.flavour?.log === false) return [];
  const { rows } = await session.query(
    `SELECT pg_catalog.current_setting('wal_level') AS level,
       coalesce(pg_catalog.current_setting('max_slot_wal_keep_size', true), '-1') AS most,
       count(s.slot_name) AS slots, count(s.slot_name) FILTER (WHERE s.restart_lsn IS NULL) AS lost,
       coalesce(pg_catalog.max(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn)), 0)::bigint / 1048576 AS kept
     FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_replication_slots s
       ON s.plugin = 'pgoutput' AND s.database = pg_catalog.current_database() AND s.slot_name LIKE 'qianzhi\\_log\\_%'`,
    [],
    signal,
  );
  const { level, most, slots, lost, kept } = rows[0]!;
  if (level !== 'logical' && slots === '0') return [];
  return [
    {
      level: 'ok',
      strategy: 'log',
      zh: `日志:wal_level 为 ${level},本产品的复制槽 ${slots} 个(失效 ${lost} 个),为其最多保留 ${kept} MiB,max_slot_wal_keep_size 为 ${most};各交换超过 log.maxLagMiB(缺省 5120)即放弃其槽`,
      en: `log: wal_level ${level}, ${slots} slots of ours (${lost} lost), at most ${kept} MiB kept for one, max_slot_wal_keep_size ${most}; an exchange gives its slot up beyond log.maxLagMiB (5120 unless told)`,
    },
  ];
}
