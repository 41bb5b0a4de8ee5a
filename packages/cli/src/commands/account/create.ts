import { personRoutes, type Role, roles } from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { readSecret } from '../../input.js';
import { PlatformCommand } from '../../platform-command.js';

export default class AccountCreate extends PlatformCommand {
  static override aliases = ['user:create'];
  static override summary = '建立账号 / make an account bound to department and roles';
  static override description =
    'security-officer 安全保密员:部门、账号、前置机、保密审查;catalog-editor 目录编辑员:发布、指定供数前置机;consumer 用数人员:申请;approver 审批人:审批,不得兼申请;operator 操作员:运行、签收;department-admin 部门管理员,不得兼审批或操作;system-admin 系统管理员、auditor 审计员与 security-officer 各自独立。\nsecurity-officer: departments, accounts, agents, secrecy reviews; catalog-editor: publishes and orders supply; consumer: applies; approver: decides and never applies; operator: runs and receipts; department-admin neither decides nor operates; system-admin, auditor and security-officer stand alone.';
  static override examples = [
    '<%= config.bin %> account create wang --name 王五 --department mz --role catalog-editor --role operator',
  ];
  static override args = { account: Args.string({ required: true, description: '账号 / account' }) };
  static override flags = {
    name: Flags.string({ required: true, summary: '姓名 / name' }),
    department: Flags.string({ summary: '所属部门 / department' }),
    role: Flags.option({
      options: roles,
      multiple: true,
      required: true,
      helpValue: '<role>',
      summary: '角色,可多次 / role, may be repeated',
    })(),
    'password-file': Flags.string({
      summary: '口令文件(至少 12 位)/ file with the password, 12 characters or more',
    }),
  };

  async run() {
    const { args, flags } = await this.parse(AccountCreate);
    const password = await readSecret({
      file: flags['password-file'],
      prompt: this.say('口令(至少 12 位)', 'password (12 characters or more)'),
      what: this.say('口令', 'the password'),
      flag: '--password-file',
    });
    const body = {
      account: args.account,
      name: flags.name,
      department: flags.department ?? null,
      roles: flags.role as Role[],
      password,
    };
    const account = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.createAccount, { body }, this.signal),
    );
    this.log(this.say(`已建立账号 ${account.account}`, `account ${account.account} is there`));
    return account;
  }
}
