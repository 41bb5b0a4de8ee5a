import type { FormCell, FormSheet } from '@qianzhi/workbook';

const STYLE = `
@page { size: A4 portrait; margin: 15mm 14mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 182mm; font: 10.5pt/1.5 SimSun, "Songti SC", "Noto Serif CJK SC", "WenQuanYi Zen Hei", serif; color: #000; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
td, th { border: 0.5pt solid #000; padding: 1.2mm 1.6mm; vertical-align: middle; white-space: pre-wrap; overflow-wrap: anywhere; font-weight: normal; text-align: left; }
th { text-align: center; font-family: SimHei, "Heiti SC", "Noto Sans CJK SC", "WenQuanYi Zen Hei", sans-serif; font-weight: bold; }
.title { border: 0; padding: 2mm 0 3mm; font: bold 18pt/1.4 SimHei, "Heiti SC", "Noto Sans CJK SC", "WenQuanYi Zen Hei", sans-serif; text-align: center; }
.line { border: 0; padding-left: 0; }
tr { break-inside: avoid; }
@media screen { body { padding: 12mm 0; } }
`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string) => text.replace(/[&<>"']/g, (one) => entities[one]!);

/** A page of its own that a browser prints on A4: it loads nothing and runs nothing, and every value is text. */
export function formHtml({ name, widths, rows }: FormSheet): string {
  const all = widths.reduce((sum, width) => sum + width, 0);
  const columns = widths.map((width) => `<col style="width:${((100 * width) / all).toFixed(2)}%">`).join('');
  const body = rows.map(
    ({ cells, lines }) =>
      `<tr${lines === undefined ? '' : ` style="height:${lines * 7}mm"`}>${cells.map(cellHtml).join('')}</tr>`,
  );
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(name)}</title>
<style>${STYLE}</style>
</head>
<body>
<table>
<colgroup>${columns}</colgroup>
${body.join('\n')}
</table>
</body>
</html>
`;
}

function cellHtml({ text, span, as }: FormCell): string {
  const tag = as === 'label' ? 'th' : 'td';
  const named = as === 'title' || as === 'line' ? ` class="${as}"` : '';
  return `<${tag} colspan="${span}"${named}>${escaped(text)}</${tag}>`;
}
