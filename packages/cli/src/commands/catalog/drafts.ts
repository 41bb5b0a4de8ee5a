import {
  type CatalogState,
  catalogStates,
  catalogStepWords,
  currentLanguage,
  personRoutes,
} from '@qianzhi/model';
import { Args, Flags } from '#oclif';
import { draftLine, findingLines, nextStep } from '../../catalog/draft-text.js';
import { PlatformCommand } from '../../platform-command.js';
import { timeText } from '../../words.js';

export default class CatalogDrafts extends PlatformCommand {
  static override summary =
    '在办的目录变更,或一项的经过 (R009) / catalog changes on their way, or the way of one';
  static override examples = [
    '<%= config.bin %> catalog drafts',
    '<%= config.bin %> catalog drafts social_group',
  ];
  static override args = { code: Args.string({ description: '资源代码 / resource code' }) };
  static override flags = {
    state: Flags.option({
      options: Object.keys(catalogStates) as CatalogState[],
      summary: '只看某状态 / of one state',
    })(),
  };

  async run() {
    const { args, flags } = await this.parse(CatalogDrafts);
    const { code } = args;
    if (code === undefined) {
      const query = { state: flags.state };
      const answer = await this.withPlatform(flags.profile, (client) =>
        client.call(personRoutes.listDrafts, { query }, this.signal),
      );
      for (const draft of answer.drafts) this.log(draftLine(draft));
      if (answer.drafts.length === 0) this.log(this.say('(没有)', '(none)'));
      return answer;
    }
    const draft = await this.withPlatform(flags.profile, (client) =>
      client.call(personRoutes.showDraft, { params: { code } }, this.signal),
    );
    this.log(draftLine(draft));
    this.table(draft.steps, [
      { name: this.say('时间', 'time'), value: (row) => timeText(row.at) },
      { name: this.say('步骤', 'step'), value: (row) => catalogStepWords[row.step][currentLanguage()] },
      { name: this.say('之后', 'then'), value: (row) => catalogStates[row.state][currentLanguage()] },
      { name: this.say('办理人', 'by'), value: (row) => `${row.by} ${row.department}` },
      { name: this.say('意见', 'note'), value: (row) => row.note },
    ]);
    const next = nextStep(draft);
    if (next === undefined) return draft;
    for (const line of findingLines(draft)) this.logToStderr(line);
    this.logToStderr(next);
    return draft;
  }
}
