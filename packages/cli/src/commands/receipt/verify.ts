import { checkReceipts } from '@qianzhi/model/crypto';
import { Flags } from '#oclif';
import { AgentCommand } from '../../agent-command.js';
import { cliErrors } from '../../errors.js';
import { evidenceFlags } from '../../receipts/evidence-flags.js';
import { chainName, inOrder } from '../../receipts/in-order.js';
import { fileEvidence, readEvidence } from '../../receipts/read-receipts.js';

export default class ReceiptVerify extends AgentCommand {
  static override summary =
    '验证签收凭证:签名、链、连续性、计数 / verify receipts: signatures, chains, gaps, counts';
  static override description =
    '给出 --file 与 --keys 时完全离线。任何一处不符,退出码为 9。请另行核对平台密钥指纹。\nWith --file and --keys it works offline. Anything wrong gives exit code 9. Compare the platform key id by another way.';
  static override examples = [
    '<%= config.bin %> receipt verify',
    '<%= config.bin %> receipt verify --file receipts.json --keys keys.json',
    '<%= config.bin %> receipt verify --file evidence-2026-01-01.jsonl --file receipts.json --keys keys.json',
    '<%= config.bin %> receipt verify --platform --resource xzqh_village --json',
  ];
  static override flags = {
    ...evidenceFlags,
    file: Flags.string({
      multiple: true,
      summary:
        '凭证文件,或存档(evidence-….jsonl),可多次 / file with receipts, or an archive (evidence-….jsonl), repeatable',
      dependsOn: ['keys'],
    }),
    keys: Flags.string({ summary: '密钥目录文件 / file with the key directory', dependsOn: ['file'] }),
  };

  async run() {
    const { flags } = await this.parse(ReceiptVerify);
    const { receipts, keys, begins } =
      flags.file !== undefined && flags.keys !== undefined
        ? await fileEvidence(flags.file, flags.keys)
        : await readEvidence(flags, this.signal);
    const check = checkReceipts(inOrder(receipts, keys, begins), keys, begins);
    const platformKeys = keys.filter((key) => key.owner === 'platform').map((key) => key.keyId);
    this.log(this.say(`平台密钥:${platformKeys.join(', ')}`, `platform key: ${platformKeys.join(', ')}`));
    const whole = new Set(receipts.filter(({ body }) => body.previous === null).map(chainName));
    const archived = begins.filter(({ issuer, subject }) => !whole.has(`${issuer} ${subject}`));
    for (const { subject, issuer, seqTo, file } of archived)
      this.log(
        this.say(
          `  ${subject}(${issuer}):第 ${seqTo} 批之前的凭证在存档 ${file};连同存档验证:--file ${file}`,
          `  ${subject} (${issuer}): receipts up to batch ${seqTo} are in the archive ${file}; to check them, too: --file ${file}`,
        ),
      );
    for (const { code, subject, receipt } of check.problems) this.log(`✗ ${code}  ${subject}  ${receipt}`);
    if (check.problems.length === 0) {
      this.log(this.say(`✓ ${check.verified} 份凭证全部成立`, `✓ all ${check.verified} receipts hold`));
    } else {
      const wrong = new Set(check.problems.map(({ receipt }) => receipt)).size;
      const codes = [...new Set(check.problems.map(({ code }) => code))].join(', ');
      this.reportFailure(cliErrors.RECEIPTS_WRONG({ count: wrong, codes }));
    }
    return { ok: check.problems.length === 0, ...check, archived, platformKeys };
  }
}
