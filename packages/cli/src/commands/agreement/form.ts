import { resolve } from 'node:path';
import { isRequestId, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { cliErrors } from '../../errors.js';
import { writeNewFile } from '../../output.js';
import { PlatformCommand } from '../../platform-command.js';

export default class AgreementForm extends PlatformCommand {
  static override summary =
    '打印《信息服务共享申请表》《信息共享授权确认表》(R068) / the forms that are printed, signed and stamped';
  static override description =
    'HTML 自成一页,以浏览器打印或存为 PDF(A4);XLSX 以电子表格程序打开。含联系人等信息,文件只有本人可读。\nThe HTML is a page of its own that a browser prints on A4 or saves as PDF; XLSX opens in a spreadsheet. With its names and telephones the file is readable to you alone.';
  static override examples = [
    '<%= config.bin %> agreement form AGREEMENT --out 申请表.html',
    '<%= config.bin %> agreement form AGREEMENT --form grant --format xlsx --out 确认表.xlsx',
    '<%= config.bin %> agreement form req-REQUEST --out 目录外申请表.html',
  ];
  static override args = {
    agreement: Args.string({
      required: true,
      description: '协议或目录外申请的编号 / id of the agreement or off-catalog request',
    }),
  };
  static override flags = {
    form: Flags.option({
      options: ['application', 'grant'] as const,
      default: 'application',
      summary: '申请表或授权确认表 / of the application, or of the grant',
    })(),
    format: Flags.option({
      options: ['html', 'xlsx'] as const,
      summary: '格式;不给则按文件名 / format; by the name of the file where left out',
    })(),
    out: Flags.string({ required: true, summary: '新文件 / a new file' }),
  };

  async run() {
    const { args, flags } = await this.parse(AgreementForm);
    const { form, out } = flags;
    const named = formatOf(out);
    const format = flags.format ?? named ?? 'html';
    if (named !== undefined && named !== format) {
      const [zh, en] = [`以 .${format} 结尾的文件名`, `a name that ends in .${format}`];
      throw cliErrors.FLAG_WRONG({ flag: '--out', value: out, shape: { zh, en } });
    }
    const params = { id: args.agreement };
    const ofRequest = isRequestId(params.id);
    if (ofRequest && form === 'grant')
      throw cliErrors.FLAG_WRONG({
        flag: '--form',
        value: form,
        shape: { zh: 'application(目录外申请只有申请表)', en: 'application (a request has no other form)' },
      });
    const bytes = await this.withPlatform(flags.profile, (client) =>
      ofRequest
        ? client.call(personRoutes.requestForm, { params, query: { format } }, this.signal)
        : client.call(personRoutes.agreementForm, { params, query: { form, format } }, this.signal),
    );
    const file = resolve(out);
    await writeNewFile(file, bytes);
    this.log(this.say(`✓ 已写入 ${file}`, `✓ ${file} is written`));
    return { file, form, format, bytes: bytes.length };
  }
}

/** The format that a file's name says; undefined where it says none. */
function formatOf(file: string): 'html' | 'xlsx' | undefined {
  if (/\.xlsx$/i.test(file)) return 'xlsx';
  return /\.html?$/i.test(file) ? 'html' : undefined;
}
