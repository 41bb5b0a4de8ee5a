import { personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { cliErrors } from '../../errors.js';
import { PlatformCommand } from '../../platform-command.js';

const regionCode = {
  zh: '行政区划代码(GB/T 2260),六位数字且不以 0 开头,如 441302',
  en: 'a region code (GB/T 2260): six digits, the first no 0, such as 441302',
};

export default class DepartmentPut extends PlatformCommand {
  static override summary = '登记或修改部门 / register or change a department';
  static override examples = [
    '<%= config.bin %> department put mz --name 民政局',
    '<%= config.bin %> department put hc --name 惠城区政数局 --region 441302 --competent',
    '<%= config.bin %> department put ga --name 公安局 --police',
  ];
  static override args = {
    id: Args.string({ required: true, description: '部门标识(小写字母、数字)/ id in lower case' }),
  };
  static override flags = {
    name: Flags.string({ required: true, summary: '名称 / name' }),
    uscc: Flags.string({ summary: '统一社会信用代码 / unified social credit code' }),
    region: Flags.string({
      summary:
        '行政区划代码 (GB/T 2260),如 441302:跨县区的申请先由申请方的主管部门转送 (R075) / region code; what is applied for across regions is forwarded first',
    }),
    police: Flags.boolean({ summary: '公安部门 (R048) / a police department' }),
    competent: Flags.boolean({
      summary:
        '主管部门,可审批各部门的申请 / competent department: its approvers decide for every department',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(DepartmentPut);
    if (flags.region !== undefined && !/^[1-9][0-9]{5}$/.test(flags.region))
      throw cliErrors.FLAG_WRONG({ flag: '--region', value: flags.region, shape: regionCode });
    const body = {
      id: args.id,
      name: flags.name,
      police: flags.police,
      competent: flags.competent,
      ...(flags.uscc && { uscc: flags.uscc }),
      ...(flags.region && { region: flags.region }),
    };
    const department = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.putDepartment, { params: { id: args.id }, body }, this.signal),
    );
    this.log(
      this.say(
        `已登记部门 ${department.id}(${department.name})`,
        `department ${department.id} (${department.name}) is registered`,
      ),
    );
    return department;
  }
}
