import type * as Interfaces from '@oclif/core/interfaces';
import { currentLanguage, errorKinds, languageOf, modelErrors, useLanguage } from '@qianzhi/model';
import { Command } from '#oclif';
import { describeFailure, exitRequest, failureJson, failureOf } from './failure.js';
import { type Column, tableLines } from './table.js';

/**
 * What every command shares: language, `--json`, coded errors with their exit codes, and Ctrl-C as a signal.
 * A command's `run` returns what `--json` prints; people read what it logs.
 */
export abstract class QianzhiCommand extends Command {
  static override enableJsonFlag = true;

  private readonly interrupt = new AbortController();

  /** Fires on Ctrl-C or a stop by the system. */
  get signal(): AbortSignal {
    return this.interrupt.signal;
  }

  override async init(): Promise<void> {
    await super.init();
    useLanguage(languageOf(process.env));
    const stop = () => this.interrupt.abort(modelErrors.CANCELLED({ what: this.words }));
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  }

  /** oclif takes the arguments that a class declares itself; those of its base class count as well. */
  protected override parse<
    F extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    B extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    A extends Interfaces.OutputArgs<Interfaces.ArgInput>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    const { args, flags, baseFlags, enableJsonFlag } = options ?? {};
    return super.parse(options && { ...options, args, flags, baseFlags, enableJsonFlag }, argv);
  }

  /** `qianzhi job run`: the command as it is typed. */
  protected get words(): string {
    return `qianzhi ${(this.id ?? '').replaceAll(':', ' ')}`.trim();
  }

  /** Chinese or English, by QZ_LANG or LANG. */
  protected say(zh: string, en: string): string {
    return currentLanguage() === 'zh' ? zh : en;
  }

  /** A table for people; says so where there is nothing to show. Silent under `--json`. */
  protected table<T>(rows: readonly T[], columns: readonly Column<T>[]): void {
    if (this.jsonEnabled()) return;
    if (rows.length === 0) this.log(this.say('(无)', '(none)'));
    else {
      // a terminal that does not know its size says 0
      const width = process.stdout.columns || undefined;
      for (const line of tableLines(rows, columns, width)) this.log(line);
    }
  }

  /** Says on stderr what went wrong and sets the exit code, without ending the command: its result is still printed. */
  protected reportFailure(error: unknown): void {
    const failure = failureOf(error, this.words);
    process.exitCode = errorKinds[failure.kind].exit;
    this.logToStderr(describeFailure(failure));
  }

  protected override async catch(error: Error): Promise<unknown> {
    const exit = exitRequest(error);
    if (exit !== undefined) {
      process.exitCode = exit;
      return undefined;
    }
    this.reportFailure(error);
    if (process.env.QZ_DEBUG) process.stderr.write(`${error.stack}\n`);
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(error));
    return undefined;
  }

  protected override toErrorJson(error: unknown): unknown {
    return failureJson(failureOf(error, this.words));
  }
}
