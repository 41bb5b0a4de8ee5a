import type { PlatformClient } from '@qianzhi/client';
import { Flags } from '#oclif';
import { QianzhiCommand } from './qianzhi-command.js';
import { readSession } from './session.js';

/** A command that talks to the platform as a signed-in person. */
export abstract class PlatformCommand extends QianzhiCommand {
  static override baseFlags = {
    profile: Flags.string({
      helpGroup: 'GLOBAL',
      summary: '登录身份的名称,见 login / which sign-in to use, see login',
      env: 'QZ_PROFILE',
      default: 'default',
    }),
  };

  /** Runs `work` as the signed-in person. Throws QZ_CLI_NOT_SIGNED_IN. */
  protected async withPlatform<T>(profile: string, work: (client: PlatformClient) => Promise<T>): Promise<T> {
    return asPerson(profile, work);
  }

  /** Says how a list goes on after a page. */
  protected moreAfter(next: string): void {
    this.logToStderr(
      this.say(`还有更多,接着看:加上 --after ${next}`, `there is more: go on with --after ${next}`),
    );
  }
}

/** Runs `work` with the session of a profile. Throws QZ_CLI_NOT_SIGNED_IN. */
export async function asPerson<T>(profile: string, work: (client: PlatformClient) => Promise<T>): Promise<T> {
  const session = await readSession(profile);
  const { createClient } = await import('@qianzhi/client');
  const client = createClient({ url: session.url, identity: { kind: 'person', token: session.token } });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
