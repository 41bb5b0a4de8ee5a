import type { PlatformClient } from '@qianzhi/client';
import { type ContactRole, contactRoles, personRoutes } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { cliErrors } from '../../errors.js';
import { PlatformCommand } from '../../platform-command.js';
import { word } from '../../words.js';

export default class DepartmentContacts extends PlatformCommand {
  static override summary =
    '部门联系人:查看、登记、离任 / contacts of a unit: show, name one, say that one left';
  static override description =
    '每部门三人:leader 分管领导、liaison 联络员、technician 技术人员。离任后须在政策规定的期限内报接任者。\nThree of every unit: leader, liaison and technician. After one left, the successor is to be reported within the days of the policy.';
  static override examples = [
    '<%= config.bin %> department contacts mz',
    '<%= config.bin %> department contacts mz --role liaison --name 李四 --phone 0512-12345678 --title 科长',
    '<%= config.bin %> department contacts mz --role liaison --left 调离',
  ];
  static override args = { id: Args.string({ required: true, description: '部门标识 / department' }) };
  static override flags = {
    role: Flags.option({ options: contactRoles, summary: '三者之一 / which of the three' })(),
    name: Flags.string({ summary: '姓名 / name', dependsOn: ['role', 'phone'] }),
    phone: Flags.string({ summary: '办公电话 / office telephone', dependsOn: ['name'] }),
    title: Flags.string({ summary: '职务 / position', dependsOn: ['name'] }),
    since: Flags.string({
      summary: '任职之日,默认今天 / day the person acts from; today unless given',
      dependsOn: ['name'],
    }),
    left: Flags.string({
      helpValue: '<reason>',
      summary: '离任及原因 / the person left, and why',
      dependsOn: ['role'],
      exclusive: ['name'],
    }),
  };

  async run() {
    const { args, flags } = await this.parse(DepartmentContacts);
    const { role, name, phone, title, since, left } = flags;
    if (role !== undefined && name === undefined && left === undefined) {
      throw cliErrors.INPUT_NEEDED({
        what: this.say('姓名或离任原因', 'the name, or why one left'),
        flag: '--name',
      });
    }
    const call = (client: PlatformClient) => {
      const params = { id: args.id, role: role as ContactRole };
      if (name !== undefined && phone !== undefined) {
        const body = { name, phone, title: title ?? '', ...(since !== undefined && { since }) };
        return client.call(personRoutes.putContact, { params, body }, this.signal);
      }
      if (left !== undefined)
        return client.call(personRoutes.vacateContact, { params, body: { reason: left } }, this.signal);
      return client.call(personRoutes.contacts, { params: { id: args.id } }, this.signal);
    };
    const entry = await this.withPlatform(flags.profile, call);
    this.table(entry.contacts, [
      { name: this.say('角色', 'role'), value: (row) => word(row.role) },
      { name: this.say('姓名', 'name'), value: (row) => row.name },
      { name: this.say('职务', 'position'), value: (row) => row.title },
      { name: this.say('电话', 'telephone'), value: (row) => row.phone },
      { name: this.say('起始', 'since'), value: (row) => row.since },
    ]);
    if (entry.missing.length > 0) {
      const missing = entry.missing.map(word).join(', ');
      this.log(this.say(`尚缺:${missing}`, `missing: ${missing}`));
    }
    return entry;
  }
}
