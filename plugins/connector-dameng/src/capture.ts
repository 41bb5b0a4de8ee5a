import { rowTriggerCapture } from '@qianzhi/sql-kit';

/** For DM8. */
export const damengCapture = rowTriggerCapture({
  nameBytes: 100,
  serialType: (from) => `BIGINT IDENTITY(${from}, 1)`,
  opType: 'VARCHAR(10)',
  dropEnd: '',
  triggersSql: `SELECT trigger_name, CASE status WHEN 'ENABLED' THEN 1 ELSE 0 END, trigger_body FROM all_triggers WHERE table_owner = :p1 AND table_name = :p2`,
  // some versions answer the whole statement
  bodyOf: (text) => text.replaceAll('\r', '').replace(/^.*?(?=^BEGIN$)/ms, ''),
  notes: [
    {
      zh: '未在达梦服务器上验证,请先在测试库执行',
      en: 'not verified against a Dameng server: try it on a test database first',
    },
    {
      zh: 'TRUNCATE、分区交换与 dmfldr 快速装载不触发,看不到,须以对账发现',
      en: 'TRUNCATE, partition exchange and loads by dmfldr fire no trigger and are not seen',
    },
  ],
});
