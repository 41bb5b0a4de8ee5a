import type { Command } from '@oclif/core/command';
import type * as Interfaces from '@oclif/core/interfaces';
import { type Language, languageOf } from '@qianzhi/model';
import { Help } from '#oclif';

/**
 * Help in one language. Texts of commands stand in the source as `中文 / English`, descriptions as a line of each; the words
 * oclif adds are translated where they stand alone.
 */
export default class LocalHelp extends Help {
  private readonly language = languageOf(process.env);

  protected override formatCommand(command: Command.Loadable): string {
    return super.formatCommand(inLanguage(command, this.language));
  }

  protected override summary(command: Command.Loadable): string | undefined {
    return super.summary(inLanguage(command, this.language));
  }

  protected override formatTopic(topic: Interfaces.Topic): string {
    return super.formatTopic(this.localTopic(topic));
  }

  protected override formatTopics(topics: Interfaces.Topic[]): string {
    return super.formatTopics(topics.map((topic) => this.localTopic(topic)));
  }

  override formatRoot(): string {
    return super.formatRoot().replace(/^.+/, (line) => pick(line, this.language));
  }

  protected override log(...parts: string[]): void {
    super.log(...(this.language === 'zh' ? parts.map(inChinese) : parts));
  }

  private localTopic(topic: Interfaces.Topic): Interfaces.Topic {
    return { ...topic, ...(topic.description && { description: pick(topic.description, this.language) }) };
  }
}

/** `中文 / English`, or lines of one language each; what is in one language only stays as it is. */
export function pick(text: string, language: Language): string {
  const lines = text.split('\n');
  if (lines.length === 1) {
    const both = /^(.*\p{Script=Han}.*?)\s*\/ (.+)$/u.exec(text);
    return both ? both[language === 'zh' ? 1 : 2]! : text;
  }
  return lines
    .map((line) => pick(line, language))
    .filter(
      (line) => line === '' || /\p{Script=Han}/u.test(line) === (language === 'zh') || !/\p{L}/u.test(line),
    )
    .join('\n');
}

function inLanguage(command: Command.Loadable, language: Language): Command.Loadable {
  const text = (value: string | undefined) => (value === undefined ? undefined : pick(value, language));
  const every = <T extends { summary?: string; description?: string }>(parts: Record<string, T>) =>
    Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [
        name,
        { ...part, summary: text(part.summary), description: text(part.description) },
      ]),
    );
  const json = command.flags.json && {
    ...command.flags.json,
    description: '标准输出恰为一个 JSON 对象 / exactly one JSON object on stdout',
  };
  return {
    ...command,
    summary: text(command.summary),
    description: text(command.description),
    args: every(command.args),
    flags: every({ ...command.flags, ...(json && { json }) }),
  } as Command.Loadable;
}

const headings: Readonly<Record<string, string>> = {
  VERSION: '版本',
  USAGE: '用法',
  TOPICS: '命令组',
  COMMANDS: '命令',
  ARGUMENTS: '参数',
  FLAGS: '选项',
  'GLOBAL FLAGS': '通用选项',
  DESCRIPTION: '说明',
  EXAMPLES: '示例',
};

function inChinese(text: string): string {
  return text
    .replace(/^((?:\p{Cc}\[[\d;]*m)*)([A-Z]+(?: [A-Z]+)*)(?=\p{Cc}|$)/gmu, (line, style, heading) =>
      headings[heading] ? `${style}${headings[heading]}` : line,
    )
    .replaceAll('(required)', '(必需)')
    .replaceAll('[default: ', '[默认 ')
    .replaceAll('<options:', '<可选:');
}
