// Rewrites object literals of the built files that begin with a spread, `{ ...a, b }`, as `Object.assign({}, a, { b })`. Node.js 20 makes a
// new hidden class each time it evaluates one, in memory that only a full collection frees: 3 to 40 µs and up to 5 KB, where Object.assign
// takes 1 µs. Node.js 24 is as quick with either; once it is the oldest that we run on, this file can go.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

if (process.argv[1] === fileURLToPath(import.meta.url))
  rewriteBuilt(fileURLToPath(new URL('../..', import.meta.url)));

/** What was built since the last time. */
function rewriteBuilt(root) {
  const stamp = join(root, 'node_modules/.cache/qianzhi/spread');
  const last = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const folders = ['packages', 'plugins'].flatMap((workspace) =>
    readdirSync(join(root, workspace)).map((name) => join(root, workspace, name, 'dist')),
  );
  for (const folder of folders) {
    for (const file of readdirSync(folder, { recursive: true })) {
      const path = join(folder, file);
      if (!/(?<!\.test)\.js$/.test(file) || statSync(path).mtimeMs <= last) continue;
      const text = readFileSync(path, 'utf8');
      const written = rewritten(text);
      if (written !== text) writeFileSync(path, written);
    }
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, '');
}

/** The text of a module with its literals rewritten. */
export function rewritten(text) {
  if (!/\{\s*\.\.\./.test(text)) return text;
  const edits = [];
  collect(ts.createSourceFile('module.js', text, ts.ScriptTarget.Latest), text, edits);
  let written = '';
  let done = 0;
  // the order of the tree holds for all of one place: what closes something inside comes before what closes around it
  for (const { at, remove, insert } of edits.toSorted((a, b) => a.at - b.at)) {
    written += text.slice(done, at) + insert;
    done = at + remove;
  }
  return written + text.slice(done);
}

/** No line is added or taken away, so that source maps and stack traces go on naming the right one. */
function collect(node, text, edits) {
  const edit = (at, remove, insert) => edits.push({ at, remove, insert });
  const { properties } = node;
  const found = ts.isObjectLiteralExpression(node) && beginsWithSpread(properties);
  const start = (property) => ts.skipTrivia(text, property.pos);
  if (found) edit(start(node), 1, 'Object.assign({}, ');
  ts.forEachChild(node, (child) => {
    const at = found && properties.indexOf(child);
    if (found && ts.isSpreadAssignment(child)) edit(start(child), 3, '');
    else if (found && !isPlain(properties[at - 1])) edit(start(child), 0, '{ ');
    collect(child, text, edits);
    if (found && isPlain(child) && !isPlain(properties[at + 1])) edit(child.end, 0, ' }');
  });
  if (found) edit(node.end - 1, 1, ')');
}

function isPlain(property) {
  return property !== undefined && !ts.isSpreadAssignment(property);
}

function beginsWithSpread(properties) {
  const [first, ...others] = properties;
  return first !== undefined && !isPlain(first) && others.length > 0 && !others.some(ts.isAccessor);
}
