import { checkAuditChain } from '@qianzhi/model/crypto';
import { Flags } from '#oclif';
import { auditErrors } from '../../audit/errors.js';
import { readChain, readHeads } from '../../audit/read-chain.js';
import { QianzhiCommand } from '../../qianzhi-command.js';
import { readKeyFile } from '../../receipts/read-receipts.js';

const problems: Readonly<Record<string, readonly [string, string]>> = {
  changed: ['内容被改动', 'was changed'],
  missing: ['缺失', 'missing'],
  reordered: ['次序被改动', 'stands in another place'],
  repeated: ['同号另有一条', 'there is another entry of this number'],
  unlinked: ['与前一条不衔接', 'does not follow the one before'],
  unanchored: ['之前的条目无从证明', 'nothing proves what came before'],
  'head-differs': ['与留存的链头不符', 'a kept head names another entry'],
  'cut-off': ['末尾被截去', 'cut off at the end'],
  'head-invalid': ['链头不是其主人所签', 'the head is not signed by the owner of the chain'],
};

export default class AuditVerify extends QianzhiCommand {
  static override summary =
    '离线核对审计链:内容、次序、链头 / check an audit chain offline: content, order, heads';
  static override description =
    '只读文件。任何一处不符,逐条列出,退出码为 9。没有链头时,整条重写的链看不出来。\nReads files alone. Whatever is wrong is listed entry by entry, with exit code 9. Without heads a chain written anew from its first entry on is not noticed.';
  static override examples = [
    '<%= config.bin %> audit verify --file audit.jsonl --heads kept.json --keys keys.json',
    '<%= config.bin %> audit verify --file audit-1-5000.jsonl --file audit.jsonl --heads heads.json --keys keys.json',
  ];
  static override flags = {
    file: Flags.string({
      required: true,
      multiple: true,
      summary: '导出或归档的文件,可多次,旧的在前 / exports and archives, the oldest first',
    }),
    heads: Flags.string({
      multiple: true,
      dependsOn: ['keys'],
      summary: '链头文件,可多次 / files with signed heads',
    }),
    keys: Flags.string({ summary: '密钥文件 / file with the keys' }),
  };

  async run() {
    const { flags } = await this.parse(AuditVerify);
    const { of, entries } = await readChain(flags.file);
    const heads = await readHeads(flags.heads ?? []);
    const keys = flags.keys === undefined ? [] : await readKeyFile(flags.keys);
    const check = checkAuditChain({ of, entries, heads, keys });
    for (const { code, seq, to } of check.problems) {
      const range = to === undefined || to === seq ? `${seq}` : `${seq}–${to}`;
      this.log(`✗ ${range}  ${code}  ${this.say(...(problems[code] as [string, string]))}`);
    }
    if (check.ok) {
      this.log(
        this.say(
          `✓ 第 ${check.from ?? 0}–${check.to ?? 0} 条成立,与 ${check.heads} 个链头相符`,
          `✓ entries ${check.from ?? 0}–${check.to ?? 0} hold and fit ${check.heads} heads`,
        ),
      );
      if (check.heads === 0) {
        this.log(
          this.say(
            '没有链头可比:整条重写的链看不出来',
            'no head to compare with: a chain written anew as a whole is not noticed',
          ),
        );
      }
    } else {
      const codes = [...new Set(check.problems.map(({ code }) => code))].join(', ');
      this.reportFailure(auditErrors.AUDIT_WRONG({ count: check.problems.length, codes }));
    }
    return { ...check, owner: of.owner, log: of.log };
  }
}
