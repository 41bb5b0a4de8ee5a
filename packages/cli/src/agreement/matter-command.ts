import type { PlatformClient } from '@qianzhi/client';
import { isQianzhiError, type Matter, personRoutes } from '@qianzhi/model';
import { askText, canAsk } from '../ask.js';
import { cliErrors } from '../errors.js';
import { PlatformCommand } from '../platform-command.js';
import { matterLines } from './matter-text.js';

/** A command about one application: it ends by saying what comes next, and by when. */
export abstract class MatterCommand extends PlatformCommand {
  // oclif's manifest stops looking upward at a class without statics of its own, and --json would be lost
  static override baseFlags = PlatformCommand.baseFlags;

  protected tellMatter(matter: Matter): Matter {
    for (const line of matterLines(matter)) this.log(line);
    return matter;
  }

  /** Undefined where the rule granted at once and nobody had to decide. */
  protected async findMatter(client: PlatformClient, id: string): Promise<Matter | undefined> {
    try {
      return await client.call(personRoutes.showMatter, { params: { id } }, this.signal);
    } catch (error) {
      if (isQianzhiError(error, 'QZ_PLATFORM_MATTER_NONE')) return undefined;
      throw error;
    }
  }

  /** What a flag gave, or what somebody who sits there answers. Throws QZ_CLI_INPUT_NEEDED where nobody does. */
  protected async needed(value: string | undefined, flag: string, zh: string, en: string): Promise<string> {
    if (value !== undefined) return value;
    if (!canAsk()) throw cliErrors.INPUT_NEEDED({ what: { zh, en }, flag });
    const message = this.say(zh, en);
    const validate = (text: string) => text.trim() !== '' || this.say('不能为空', 'it cannot be empty');
    return askText({ message, validate });
  }
}
