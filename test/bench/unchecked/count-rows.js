const LF = 10;

export function countRows(bytes) {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let rows = 0;
  for (let at = block.indexOf(LF); at >= 0; at = block.indexOf(LF, at + 1)) rows++;
  return rows;
}
