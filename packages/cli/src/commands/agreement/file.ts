import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { MatterCommand } from '../../agreement/matter-command.js';

export default class AgreementFile extends MatterCommand {
  static override summary = '主管部门:备案 (R076) / take an agreement on file';
  static override examples = ['<%= config.bin %> agreement file AGREEMENT --number 备〔2026〕1号'];
  static override args = {
    agreement: Args.string({ required: true, description: '协议编号 / id of the agreement' }),
  };
  static override flags = {
    number: Flags.string({ summary: '备案号 / number on file' }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementFile);
    const number = await this.needed(flags.number, '--number', '备案号', 'number on file');
    const matter = await this.withPlatform(flags.profile, (client) =>
      client.call(
        personRoutes.fileAgreement,
        { params: { id: args.agreement }, body: { number } },
        this.signal,
      ),
    );
    return this.tellMatter(matter);
  }
}
