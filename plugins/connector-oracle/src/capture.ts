import { rowTriggerCapture } from '@qianzhi/sql-kit';

/** For Oracle 12.1 and later. */
export const oracleCapture = rowTriggerCapture({
  // 30 bytes before 12.2
  nameBytes: 30,
  serialType: (from) => `NUMBER(19) GENERATED ALWAYS AS IDENTITY (START WITH ${from})`,
  opType: 'VARCHAR2(10)',
  dropEnd: ' PURGE',
  triggersSql: `SELECT trigger_name, CASE status WHEN 'ENABLED' THEN 1 ELSE 0 END, trigger_body FROM all_triggers WHERE table_owner = TO_CHAR(:p1) AND table_name = TO_CHAR(:p2)`,
  bodyOf: (text) => text.replaceAll('\0', ''),
  notes: [
    {
      zh: '未在 Oracle 服务器上验证,请先在测试库执行',
      en: 'not verified against an Oracle server: try it on a test database first',
    },
    {
      zh: 'TRUNCATE、分区交换与直接路径装载 (SQL*Loader direct) 不触发,看不到,须以对账发现',
      en: 'TRUNCATE, partition exchange and direct path loads fire no trigger and are not seen',
    },
  ],
});
