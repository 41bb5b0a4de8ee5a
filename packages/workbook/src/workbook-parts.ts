const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const CONTENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** What stands before the first row; `head` is what a sheet says of its view and columns. */
export const sheetStart = (head = '') => `${HEAD}<worksheet xmlns="${MAIN}">${head}<sheetData>`;
export const sheetEnd = '</sheetData></worksheet>';

/**
 * Everything of a workbook but its sheets (ECMA-376), named in their order. Style 1 is text, style 2 text that is no formula, style 3
 * a heading; of printed forms 4 is the title, 5 a label, 6 a value, 7 a value that is no formula, 8 a line below the title.
 */
export function workbookParts(names: readonly string[]): readonly (readonly [path: string, text: string])[] {
  const sheets = names.length;
  const each = (part: (sheet: number, name: string) => string) =>
    names.map((name, index) => part(index + 1, name)).join('');
  return [
    [
      '[Content_Types].xml',
      `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${CONTENT}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${CONTENT}.styles+xml"/>${each((n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${CONTENT}.worksheet+xml"/>`)}</Types>`,
    ],
    [
      '_rels/.rels',
      `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    [
      'xl/workbook.xml',
      `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${DOCUMENT}"><sheets>${each((n, name) => `<sheet name="${xmlText(name).replaceAll('"', '&quot;')}" sheetId="${n}" r:id="rId${n}"/>`)}</sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${each((n) => `<Relationship Id="rId${n}" Type="${DOCUMENT}/worksheet" Target="worksheets/sheet${n}.xml"/>`)}<Relationship Id="rId${sheets + 1}" Type="${DOCUMENT}/styles" Target="styles.xml"/></Relationships>`,
    ],
    [
      'xl/styles.xml',
      `${HEAD}<styleSheet xmlns="${MAIN}"><fonts count="4"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="18"/><name val="SimHei"/></font><font><sz val="11"/><name val="SimSun"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left style="thin"/><right style="thin"/><top style="thin"/><bottom style="thin"/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="9"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>${formStyles}</cellXfs></styleSheet>`,
    ],
  ];
}

/** `A`, `B`, …, `AA`: the column at a position from 0. */
export function columnName(at: number): string {
  const letter = String.fromCharCode(65 + (at % 26));
  return at < 26 ? letter : columnName(Math.floor(at / 26) - 1) + letter;
}

const formStyle = (font: number, border: number, horizontal: string, more = '') =>
  `<xf numFmtId="49" fontId="${font}" fillId="0" borderId="${border}" xfId="0" applyNumberFormat="1" applyFont="1" applyBorder="1" applyAlignment="1"${more}><alignment horizontal="${horizontal}" vertical="center" wrapText="1"/></xf>`;

/** Title, label, value, value that is no formula, line below the title. */
const formStyles = [
  formStyle(2, 0, 'center'),
  formStyle(1, 1, 'center'),
  formStyle(3, 1, 'left'),
  formStyle(3, 1, 'left', ' quotePrefix="1"'),
  formStyle(3, 0, 'left'),
].join('');

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
// what XML cannot hold is written `_xHHHH_`, and a text that looks like it has its underscore written so
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const RARE = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const ANY_RARE = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_/;

export function xmlText(value: string): string {
  const text = ANY_RARE.test(value)
    ? value.replace(RARE, (one) => `_x${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    : value;
  return /[&<>]/.test(text) ? text.replace(/[&<>]/g, (one) => entities[one]!) : text;
}

/** A cell of text: leading zeros and long numbers stay as they are. */
export function textCell(column: string, row: number, value: string, style: number): string {
  return `<c r="${column}${row}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${xmlText(value)}</t></is></c>`;
}
