import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';
import { readInput } from '../../input.js';

export default class AgreementSign extends MatterCommand {
  static override summary = '签署安全保密协议 (R077) / sign the confidentiality agreement';
  static override examples = [
    '<%= config.bin %> agreement sign AGREEMENT --file 保密协议.txt --signatory 王五',
  ];
  static override args = {
    agreement: Args.string({ required: true, description: '协议编号 / id of the agreement' }),
  };
  static override flags = {
    file: Flags.string({ summary: '协议全文,- 为标准输入 / its full text, - for stdin' }),
    signatory: Flags.string({ summary: '签署人 / who signs' }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementSign);
    const file = await this.needed(flags.file, '--file', '协议全文的文件', 'the file with its full text');
    const signatory = await this.needed(flags.signatory, '--signatory', '签署人', 'who signs');
    const body = { text: await readInput(file), signatory };
    const matter = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.signConfidentiality, { params: { id: args.agreement }, body }, this.signal),
    );
    return this.tellMatter(matter);
  }
}
