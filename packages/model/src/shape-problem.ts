import type { LocalText } from './errors/language.js';

/** What a JSON Schema validator says about one place; ajv's errors are of this form. */
export interface ShapeFinding {
  readonly keyword?: string;
  readonly instancePath?: string;
  readonly message?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** Where the first of a validator's findings stands and what is wrong there, in both languages; never the value. */
export function shapeProblem(findings: readonly ShapeFinding[] | null | undefined): {
  readonly where: string;
  readonly problem: LocalText;
} {
  const [first = {}] = findings ?? [];
  const where = first.instancePath || '/';
  const choices = choicesAt(findings ?? [], first);
  if (choices.length > 0)
    return {
      where,
      problem: { zh: `应为 ${choices.join('、')} 之一`, en: `must be one of ${choices.join(', ')}` },
    };
  const field = first.params?.additionalProperty;
  const en = `${first.message ?? 'is not valid'}${field === undefined ? '' : ` (${String(field)})`}`;
  return { where, problem: { zh: chinese(first.keyword ?? '', first.params ?? {}) ?? en, en } };
}

/** A union of constants fails once for each of them: together they are what may stand there. */
function choicesAt(findings: readonly ShapeFinding[], first: ShapeFinding): string[] {
  if (first.keyword === 'enum') return ((first.params?.allowedValues ?? []) as unknown[]).map(String);
  if (first.keyword !== 'const') return [];
  return findings
    .filter(({ keyword, instancePath }) => keyword === 'const' && instancePath === first.instancePath)
    .map(({ params }) => String(params?.allowedValue));
}

const types: Readonly<Record<string, string>> = {
  string: '文本',
  integer: '整数',
  number: '数字',
  boolean: 'true 或 false',
  array: '列表',
  object: '一组“名称: 值”',
  null: '空值',
};

function chinese(keyword: string, params: Readonly<Record<string, unknown>>): string | undefined {
  const { limit, comparison } = params;
  switch (keyword) {
    case 'required':
      return `缺少 ${String(params.missingProperty)}`;
    case 'additionalProperties':
      return `不应有 ${String(params.additionalProperty)}`;
    case 'type':
      return `应为${types[String(params.type)] ?? String(params.type)}`;
    case 'minLength':
      return `不得少于 ${String(limit)} 个字符`;
    case 'maxLength':
      return `不得多于 ${String(limit)} 个字符`;
    case 'minItems':
      return `不得少于 ${String(limit)} 项`;
    case 'maxItems':
      return `不得多于 ${String(limit)} 项`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `应 ${String(comparison)} ${String(limit)}`;
    case 'pattern':
      return `应符合模式 ${String(params.pattern)}`;
    case 'format':
      return params.format === 'date-time'
        ? '应为日期时间,如 2026-12-31T00:00:00+08:00'
        : `应符合格式 ${String(params.format)}`;
    default:
      return undefined;
  }
}
