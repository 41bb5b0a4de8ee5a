import { subjectName } from '@qianzhi/model/crypto';
import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { counted } from '../../counted.js';
import { writeNewFile } from '../../output.js';
import { evidenceFlags } from '../../receipts/evidence-flags.js';
import { inOrder } from '../../receipts/in-order.js';
import { readEvidence } from '../../receipts/read-receipts.js';
import { stageWord, timeText } from '../../words.js';

export default class ReceiptList extends AgentCommand {
  static override summary =
    '签收凭证列表,或导出供离线验证 / list receipts, or write them out for checking offline';
  static override examples = [
    '<%= config.bin %> receipt list --name xzqh_village',
    '<%= config.bin %> receipt list --platform --resource xzqh_village',
    '<%= config.bin %> receipt list --out receipts.json --keys-out keys.json',
  ];
  static override flags = {
    ...evidenceFlags,
    out: Flags.string({ summary: '写入新文件 / write the receipts to this new file' }),
    'keys-out': Flags.string({
      summary: '把密钥目录写入新文件 / write the key directory to this new file',
      dependsOn: ['out'],
    }),
  };

  async run() {
    const { flags } = await this.parse(ReceiptList);
    const { receipts: unordered, keys, begins } = await readEvidence(flags, this.signal);
    const receipts = inOrder(unordered, keys, begins);
    if (flags.out !== undefined) {
      await writeNewFile(flags.out, `${JSON.stringify({ receipts, begins })}\n`);
      const keyFile = flags['keys-out'];
      if (keyFile !== undefined) await writeNewFile(keyFile, `${JSON.stringify({ keys })}\n`);
      this.log(
        this.say(
          `已写入 ${receipts.length} 份:${flags.out}`,
          `wrote ${counted(receipts.length, 'receipt')}: ${flags.out}`,
        ),
      );
      return { file: flags.out, keyFile, receipts: receipts.length };
    }
    this.table(receipts, [
      { name: this.say('对象', 'subject'), value: ({ body }) => subjectName(body) },
      {
        name: this.say('批次', 'seq'),
        value: ({ body }) => (body.seqFrom === body.seqTo ? body.seqTo : `${body.seqFrom}–${body.seqTo}`),
      },
      { name: this.say('阶段', 'stage'), value: ({ body }) => stageWord(body.stage) },
      { name: this.say('行', 'rows'), value: ({ body }) => body.rows },
      { name: this.say('拒绝', 'rejected'), value: ({ body }) => body.counts?.rejected },
      { name: this.say('签发', 'issuer'), value: ({ body }) => body.issuer },
      { name: this.say('时间', 'at'), value: ({ body }) => timeText(body.issuedAt) },
    ]);
    return { receipts, keys, begins };
  }
}
