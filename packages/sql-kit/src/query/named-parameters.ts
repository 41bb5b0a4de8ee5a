import { queryErrors } from './errors.js';

export interface BoundStatement {
  readonly sql: string;
  /** Name of the parameter at each place, in order. */
  readonly parameters: readonly string[];
}

/** Parts of SQL in which nothing is looked for: texts, names, comments, and PostgreSQL's `$tag$ … $tag$`. */
const opaque =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$/y;
/** MySQL's, where a backslash escapes in a text. */
const opaqueEscaped =
  /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"|`(?:[^`]|``)*`|--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//y;
const parameter = /:([a-z][a-z0-9_]*)/y;

/**
 * Puts places where a statement has `:name`, each occurrence one of its own. Texts, names, comments and `::` are left alone. Throws
 * QZ_SQL_STATEMENT_WRONG for several statements, for one that selects nothing and for a parameter that the service does not have.
 */
export function bindParameters(
  statement: string,
  known: readonly string[],
  place: (at: number) => string,
  backslashes = false,
): BoundStatement {
  const text = statement.trim().replace(/;\s*$/, '');
  const wrong = (zh: string, en: string) => queryErrors.STATEMENT_WRONG({ problem: { zh, en } });
  const parameters: string[] = [];
  const skip = backslashes ? opaqueEscaped : opaque;
  let sql = '';
  let code = '';
  for (let at = 0; at < text.length; ) {
    skip.lastIndex = at;
    const skipped = skip.exec(text)?.[0];
    if (skipped) {
      sql += skipped;
      code += ' ';
      at += skipped.length;
      continue;
    }
    if (text.startsWith('::', at)) {
      sql += '::';
      at += 2;
      continue;
    }
    parameter.lastIndex = at;
    const found = parameter.exec(text);
    if (found) {
      const name = found[1]!;
      if (!known.includes(name))
        throw wrong(`查询服务没有参数 :${name}`, `the query service has no parameter :${name}`);
      parameters.push(name);
      sql += place(parameters.length);
      at += found[0].length;
      continue;
    }
    const character = text[at++]!;
    sql += character;
    code += character;
  }
  if (code.includes(';')) throw wrong('只能是一条语句', 'it is to be one statement');
  if (!/^\s*(select|with)\b/i.test(code)) throw wrong('须为 SELECT', 'it is to be a SELECT');
  return { sql, parameters };
}
