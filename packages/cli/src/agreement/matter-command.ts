import type { PlatformClient } from '@qianzhi/client';
import { isQianzhiError, type Matter, type OffCatalogRequest, personRoutes } from '@qianzhi/model';
import { askText, canAsk } from '../ask.js';
import { cliErrors } from '../errors.js';
import { PlatformCommand } from '../platform-command.js';
import { requestErrors } from './errors.js';
import { matterLines } from './matter-text.js';
import { requestLines } from './request-text.js';

/** A command about one application: it ends by saying what comes next, and by when. */
export abstract class MatterCommand extends PlatformCommand {
  // oclif's manifest stops looking upward at a class without statics of its own, and --json would be lost
  static override baseFlags = PlatformCommand.baseFlags;

  protected tellMatter(matter: Matter): Matter {
    for (const line of matterLines(matter)) this.log(line);
    return matter;
  }

  /** Does something to an off-catalog request, and ends alike. */
  protected async onRequest(
    profile: string,
    work: (client: PlatformClient) => Promise<OffCatalogRequest>,
  ): Promise<OffCatalogRequest> {
    const request = await this.withPlatform(profile, work);
    for (const line of requestLines(request)) this.log(line);
    if (request.matter) this.tellMatter(request.matter);
    return request;
  }

  /** Throws QZ_CLI_REQUEST_FLAG for flags that say something of agreements only. */
  protected refuseFlags(request: string, flags: Readonly<Record<string, unknown>>): void {
    const given = Object.keys(flags).filter((name) => flags[name] !== undefined);
    if (given.length > 0)
      throw requestErrors.REQUEST_FLAG({ request, flags: given.map((name) => `--${name}`).join(' ') });
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
