import type { CatalogDraft } from '@qianzhi/model';
import { Args } from '#oclif';
import { PlatformCommand } from '../platform-command.js';
import { draftLine, findingLines, nextStep } from './draft-text.js';

/** One step of a catalog change by its code. */
export abstract class CatalogStepCommand extends PlatformCommand {
  static override args = { code: Args.string({ required: true, description: '资源代码 / resource code' }) };

  /** Says where the change stands now, and who goes on. */
  protected tell(draft: CatalogDraft): CatalogDraft {
    this.log(draftLine(draft));
    const next = nextStep(draft);
    if (next === undefined) return draft;
    for (const line of findingLines(draft)) this.logToStderr(line);
    this.logToStderr(next);
    return draft;
  }
}
