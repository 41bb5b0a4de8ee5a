import type { LocalText } from '../../errors/language.js';
import type { FieldForm } from './fields.js';

const BETWEEN = /[\n;;、,,]+/u;

/** Several values in one cell, a line each; semicolons and commas separate as well. */
export function listOf(form: FieldForm): FieldForm {
  return {
    write(value) {
      const cells = Array.isArray(value) ? value.map((one) => form.write(one)) : [];
      const plain = cells.every((cell) => cell !== undefined && !BETWEEN.test(cell) && cell === cell.trim());
      return cells.length > 0 && plain ? cells.join('\n') : undefined;
    },
    read: (cell) => readEach(cell.split(BETWEEN), form),
    guide: {
      zh: `${form.guide.zh};多个时每行一个`,
      en: `${form.guide.en}; several: one a line`,
    },
  };
}

/** Objects in one cell, a line each: their parts in this order with `|` between. Parts at the end may be missing. */
export function linesOf(parts: Readonly<Record<string, FieldForm>>): FieldForm {
  const names = Object.keys(parts);
  const line: FieldForm = {
    write(value) {
      const { ...left } = value as Record<string, unknown>;
      const cells = names.map((name) => {
        if (left[name] === undefined) return '';
        const cell = parts[name]!.write(left[name]);
        if (cell !== undefined) delete left[name];
        return cell ?? '';
      });
      const whole = Object.values(left).every((one) => one === undefined);
      const plain = cells.every((cell) => !/[|｜\n]/.test(cell) && cell === cell.trim());
      return whole && plain ? cells.join('|').replace(/\|+$/, '') : undefined;
    },
    read(cell) {
      const read: Record<string, unknown> = {};
      for (const [at, text] of cell.split(/[|｜]/).entries()) {
        const name = names[at];
        if (name === undefined) return { problem: tooMany };
        if (text.trim() === '') continue;
        const reading = parts[name]!.read(text.trim());
        if ('problem' in reading) return reading;
        read[name] = reading.value;
      }
      return { value: read };
    },
    guide: {
      zh: names.map((name) => parts[name]!.guide.zh).join(' | '),
      en: names.map((name) => parts[name]!.guide.en).join(' | '),
    },
  };
  return {
    write(value) {
      const cells = Array.isArray(value) ? value.map(line.write) : [];
      return cells.length > 0 && cells.every((cell) => cell !== undefined && cell !== '')
        ? cells.join('\n')
        : undefined;
    },
    read: (cell) => readEach(cell.split('\n'), line),
    guide: { zh: `${line.guide.zh};多条时每行一条`, en: `${line.guide.en}; several: one a line` },
  };
}

const tooMany: LocalText = {
  zh: '中“|”过多;请按填写说明分段',
  en: 'there are too many |; see the sheet 填写说明 for its parts',
};

function readEach(cells: readonly string[], form: FieldForm): ReturnType<FieldForm['read']> {
  const values: unknown[] = [];
  for (const cell of cells) {
    if (cell.trim() === '') continue;
    const reading = form.read(cell.trim());
    if ('problem' in reading) return reading;
    values.push(reading.value);
  }
  return { value: values };
}
