import { Command, Flags } from '@oclif/core';
import { createClient, type PlatformClient } from '@qianzhi/client';
import {
  currentLanguage,
  errorKinds,
  isQianzhiError,
  languageOf,
  modelErrors,
  type QianzhiError,
  useLanguage,
} from '@qianzhi/model';
import { readSession } from './session.js';
import type { Column } from './table.js';

/**
 * What every command shares: language, `--json`, coded errors with their exit codes, and Ctrl-C as a signal.
 * A command's `run` returns what `--json` prints; people read what it logs.
 */
export abstract class QianzhiCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    profile: Flags.string({
      helpGroup: 'GLOBAL',
      summary: '登录身份的名称,见 login / which sign-in to use, see login',
      env: 'QZ_PROFILE',
      default: 'default',
    }),
  };

  private readonly interrupt = new AbortController();

  /** Fires on Ctrl-C or a stop by the system. */
  get signal(): AbortSignal {
    return this.interrupt.signal;
  }

  override async init(): Promise<void> {
    await super.init();
    useLanguage(languageOf(process.env));
    const stop = () => this.interrupt.abort(modelErrors.CANCELLED({ what: this.id ?? 'qianzhi' }));
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  }

  /** Chinese or English, by QZ_LANG or LANG. */
  protected say(zh: string, en: string): string {
    return currentLanguage() === 'zh' ? zh : en;
  }

  /** A table for people; says so where there is nothing to show. Silent under `--json`. */
  protected async table<T>(rows: readonly T[], columns: readonly Column<T>[]): Promise<void> {
    if (this.jsonEnabled()) return;
    if (rows.length === 0) return this.log(this.say('(无)', '(none)'));
    const { showTable } = await import('./table.js');
    showTable(rows, columns);
  }

  /** Runs `work` as the signed-in person. Throws QZ_CLI_NOT_SIGNED_IN. */
  protected async withPlatform<T>(profile: string, work: (client: PlatformClient) => Promise<T>): Promise<T> {
    const session = await readSession(profile);
    const client = createClient({ url: session.url, identity: { kind: 'person', token: session.token } });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }

  protected override async catch(
    error: Error & { exitCode?: number; oclif?: { exit?: number } },
  ): Promise<unknown> {
    if (!isQianzhiError(error)) return super.catch(error);
    process.exitCode = errorKinds[error.kind].exit;
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(error));
    else this.logToStderr(describe(error));
    return undefined;
  }

  protected override toErrorJson(error: unknown): unknown {
    if (!isQianzhiError(error)) return super.toErrorJson(error);
    const { code, kind, message, hint, details } = error;
    return { error: { code, kind, message, hint, details } };
  }
}

/** Two lines: what happened, what to do. */
function describe(error: QianzhiError): string {
  return `✗ ${error.code}  ${error.message}\n  → ${error.hint}`;
}
