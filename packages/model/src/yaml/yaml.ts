import { type Document, type ErrorCode, LineCounter, parseDocument, visit } from 'yaml';
import type { LocalText } from '../errors/language.js';

/** A YAML text that can say on which line a value stands. */
export interface YamlText {
  readonly value: unknown;
  /** Line of the value at a JSON pointer (`/exchanges/0/name`), or of its nearest parent. */
  lineOf(pointer: string): number;
}

/** Where a text stops being YAML, and why. */
export interface YamlProblem {
  readonly line: number;
  readonly column: number;
  readonly problem: LocalText;
}

/** Never answers what stands in the text: it may be a secret. */
export function parseYaml(text: string): YamlText | YamlProblem {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return { line, column: col, problem: problems[error.code] };
  }
  const alias = aliasWithoutAnchor(document);
  if (alias !== undefined) {
    const { line, col } = lines.linePos(alias);
    return { line, column: col, problem: problems.BAD_ALIAS };
  }
  try {
    return { value: document.toJS(), lineOf: (pointer) => lineOf(document, lines, pointer) };
  } catch {
    return { line: 1, column: 1, problem: problems.RESOURCE_EXHAUSTION };
  }
}

/** Where it stands; the parser itself finds it only when the text is unfolded. */
function aliasWithoutAnchor(document: Document.Parsed): number | undefined {
  let at: number | undefined;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      at = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return at;
}

function lineOf(document: Document.Parsed, lines: LineCounter, pointer: string): number {
  const path = pointer.split('/').slice(1).map(unescapePointer);
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as
      | { range?: [number, number, number] }
      | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function unescapePointer(part: string): string | number {
  const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
  return /^\d+$/.test(name) ? Number(name) : name;
}

/** The parser's findings in words. */
const problems: Readonly<Record<ErrorCode, LocalText>> = {
  ALIAS_PROPS: { zh: '引用(*名称)不能再带锚或标签', en: 'an alias (*name) takes no anchor or tag' },
  BAD_ALIAS: { zh: '引用(*名称)没有对应的锚(&名称)', en: 'an alias (*name) has no anchor (&name)' },
  BAD_COLLECTION_TYPE: { zh: '标签与内容的类别不符', en: 'its tag does not fit what stands there' },
  BAD_DIRECTIVE: { zh: '以 % 开头的指令无法识别', en: 'a directive (%) is not known' },
  BAD_DQ_ESCAPE: {
    zh: '双引号中的反斜杠转义有误;路径请用单引号',
    en: 'a backslash in double quotes is no escape; put paths in single quotes',
  },
  BAD_INDENT: { zh: '缩进不一致', en: 'the indentation does not fit' },
  BAD_PROP_ORDER: { zh: '锚或标签的位置不对', en: 'an anchor or tag stands in the wrong place' },
  BAD_SCALAR_START: {
    zh: '值以保留字符开头,须加引号',
    en: 'a value begins with a reserved character and needs quotes',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    zh: '同一行写了值的名称之下,不能再写“名称: 值”',
    en: 'a name that has a value on its line cannot have names below it',
  },
  BLOCK_IN_FLOW: {
    zh: '花括号或方括号内不能用缩进写法',
    en: 'inside braces or brackets nothing is written by indentation',
  },
  DUPLICATE_KEY: { zh: '同一名称出现两次', en: 'a name stands there twice' },
  IMPOSSIBLE: { zh: '无法解析', en: 'it cannot be parsed' },
  KEY_OVER_1024_CHARS: { zh: '名称过长', en: 'a name is too long' },
  MISSING_CHAR: { zh: '缺少冒号、逗号、引号或括号', en: 'a colon, comma, quote or bracket is missing' },
  MULTILINE_IMPLICIT_KEY: {
    zh: '名称跨了多行;可能缺少冒号或引号',
    en: 'a name goes over several lines; a colon or quote may be missing',
  },
  MULTIPLE_ANCHORS: { zh: '一处只能有一个锚(&)', en: 'a place takes one anchor (&) only' },
  MULTIPLE_DOCS: { zh: '文件含多个文档(---)', en: 'the file holds several documents (---)' },
  MULTIPLE_TAGS: { zh: '一处只能有一个标签(!)', en: 'a place takes one tag (!) only' },
  NON_STRING_KEY: { zh: '名称须为文本', en: 'a name must be text' },
  RESOURCE_EXHAUSTION: { zh: '引用展开后过大', en: 'its aliases unfold to too much' },
  TAB_AS_INDENT: { zh: '缩进用了制表符,请改为空格', en: 'tabs are used to indent; use blanks' },
  TAG_RESOLVE_FAILED: { zh: '标签(!)无法识别', en: 'a tag (!) is not known' },
  UNEXPECTED_TOKEN: { zh: '此处出现了意外的字符', en: 'there is a character that does not belong there' },
};
