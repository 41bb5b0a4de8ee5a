import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isCollection,
  isMap,
  type Node,
  type Pair,
  parse,
  parseDocument,
  type Scalar,
} from 'yaml';

/** An entry of agent.yaml by its name. */
export interface EntryName {
  readonly list: 'connectors' | 'exchanges';
  readonly name: string;
}

/**
 * The text of an agent.yaml without one entry, with the comments inside it. Comments around it, order and every other byte stay as
 * they are; only where its list stands in brackets, or ends with it, is the file laid out anew, comments kept. The
 * entry is there.
 */
export function removeEntry(text: string, entry: EntryName): string {
  const document = parseDocument(text);
  const whole = withoutEntry(document, entry);
  const cut = cutOut(text, document, entry);
  // an unusual layout is never written on trust
  return cut !== undefined && isDeepStrictEqual(parse(cut), whole.toJS())
    ? cut
    : whole.toString({ lineWidth: 0 });
}

function withoutEntry(document: Document, { list, name }: EntryName): Document {
  const whole = document.clone();
  whole.deleteIn(list === 'connectors' ? [list, name] : [list, placeOf(whole, name)]);
  const left = whole.get(list, true);
  if (isCollection(left) && left.items.length === 0)
    whole.set(list, whole.createNode(list === 'connectors' ? {} : []));
  return whole;
}

function placeOf(document: Document, name: string): number {
  const list = document.get('exchanges', true);
  const items = isCollection(list) ? (list.items as Node[]) : [];
  return items.findIndex((item) => isMap(item) && item.get('name') === name);
}

/** Its lines, and the comments behind it that are indented as parts of it. */
function cutOut(text: string, document: Document, { list, name }: EntryName): string | undefined {
  const found = document.get(list, true);
  if (!isCollection(found) || found.flow || found.items.length < 2 || !found.range) return undefined;
  const items = found.items as (Node | Pair<Scalar, Node | null>)[];
  const at =
    list === 'connectors'
      ? items.findIndex((item) => (item as Pair<Scalar>).key.value === name)
      : placeOf(document, name);
  const item = items[at];
  if (!item) return undefined;
  const first = list === 'connectors' ? (item as Pair<Scalar>).key : (item as Node);
  const last = list === 'connectors' ? ((item as Pair<Scalar, Node | null>).value ?? first) : (item as Node);
  if (!first.range || !last.range) return undefined;
  const from = startOfLine(text, first.range[0]);
  const indent = found.range[0] - startOfLine(text, found.range[0]);
  const end = last.range[1];
  const to = text[end - 1] === '\n' ? end : endOfLine(text, end);
  const inside = new RegExp(`^(?: {${indent + 1},}#[^\n]*(?:\n|$))*`).exec(text.slice(to))![0];
  return text.slice(0, from) + text.slice(to + inside.length);
}

function startOfLine(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end + 1;
}
