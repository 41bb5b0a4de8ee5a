import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isCollection,
  isMap,
  isPair,
  type Node,
  parse,
  parseDocument,
  type Scalar,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** A connector with its name, or an exchange, as it stands in agent.yaml. */
export type ConfigEntry =
  | { readonly list: 'connectors'; readonly name: string; readonly value: object }
  | { readonly list: 'exchanges'; readonly value: object };

/**
 * The text of an agent.yaml with one entry more, the last of its list. Comments, order and every other byte stay as they are;
 * only where a list stands in brackets is the file laid out anew, comments kept. `text` is a YAML mapping.
 */
export function insertEntry(text: string, entry: ConfigEntry): string {
  const document = parseDocument(text);
  const whole = withEntry(document, entry);
  const spliced = splice(text, document, entry);
  // an unusual layout is never written on trust
  return spliced !== undefined && isDeepStrictEqual(parse(spliced), whole.toJS())
    ? spliced
    : whole.toString({ lineWidth: 0 });
}

function withEntry(document: Document, entry: ConfigEntry): Document {
  const whole = document.clone();
  const { list } = entry;
  const found = whole.get(list, true);
  if (!isCollection(found) || found.items.length === 0) {
    whole.set(list, whole.createNode(entry.list === 'connectors' ? {} : []));
  }
  const place = entry.list === 'connectors' ? [list, entry.name] : [list];
  if (entry.list === 'connectors') whole.setIn(place, whole.createNode(entry.value));
  else whole.addIn(place, whole.createNode(entry.value));
  return whole;
}

function splice(text: string, document: Document, entry: ConfigEntry): string | undefined {
  const pair = isMap<Scalar, Node | null>(document.contents)
    ? document.contents.items.find(({ key }) => key.value === entry.list)
    : undefined;
  if (!pair) return `${endedLine(text)}\n${entry.list}:\n${blockOf(entry, 2)}`;
  const list = pair.value;
  if (!list?.range) return undefined;
  if (isCollection(list) && list.items.length > 0) {
    return list.flow ? undefined : afterLast(text, list.range[0], endOf(list), entry);
  }
  const [start, end] = list.range;
  const lineEnd = endOfLine(text, end);
  const line = (text.slice(0, start).trimEnd() + text.slice(end, lineEnd).trimEnd()).replace(/:(#)/, ': $1');
  return `${line}\n${blockOf(entry, 2)}${text.slice(lineEnd + 1)}`;
}

/** Where the last entry of a list ends. */
function endOf(list: YAMLMap | YAMLSeq): number | undefined {
  const last: unknown = list.items.at(-1);
  const node = isPair<Node, Node | null>(last) ? (last.value ?? last.key) : (last as Node);
  return node.range?.[1];
}

/** Behind the last entry and the comments that are indented as parts of it. */
function afterLast(
  text: string,
  start: number,
  end: number | undefined,
  entry: ConfigEntry,
): string | undefined {
  if (end === undefined) return undefined;
  const indent = start - (text.lastIndexOf('\n', start - 1) + 1);
  let at = text[end - 1] === '\n' ? end : endOfLine(text, end) + 1;
  const ownComment = new RegExp(`^ {${indent + 1},}#[^\n]*(?:\n|$)`);
  for (;;) {
    const comment = ownComment.exec(text.slice(at));
    if (!comment) break;
    at += comment[0].length;
  }
  return endedLine(text.slice(0, at)) + blockOf(entry, indent) + text.slice(at);
}

function blockOf(entry: ConfigEntry, indent: number): string {
  const value = entry.list === 'connectors' ? { [entry.name]: entry.value } : [entry.value];
  return stringify(value, { lineWidth: 0 }).replace(/^(?=.)/gm, ' '.repeat(indent));
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function endedLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
