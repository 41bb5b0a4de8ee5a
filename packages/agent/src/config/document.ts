import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { agentErrors } from '../errors.js';

/** A parsed YAML file that can say on which line a value stands. */
export interface ConfigDocument {
  readonly file: string;
  readonly value: unknown;
  /** Line of the value at a JSON pointer (`/exchanges/0/name`), or of its nearest parent. */
  lineOf(pointer: string): number;
}

/** Throws QZ_AGENT_CONFIG_MISSING or QZ_AGENT_CONFIG_SYNTAX with line and column. */
export async function readDocument(file: string): Promise<ConfigDocument> {
  const text = await readText(file);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw agentErrors.CONFIG_SYNTAX({ file, line, column: col, problem: error.code }, error);
  }
  function lineOf(pointer: string): number {
    const path = pointer.split('/').slice(1).map(unescapePointer);
    for (let depth = path.length; depth > 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true) as
        | { range?: [number, number, number] }
        | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  }
  return { file, value: document.toJS() ?? {}, lineOf };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw agentErrors.CONFIG_MISSING({ file }, cause);
  }
}

function unescapePointer(part: string): string | number {
  const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
  return /^\d+$/.test(name) ? Number(name) : name;
}
