import ts from 'typescript';

/** The text of a module, its literals that begin with a spread as `Object.assign`. */
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
