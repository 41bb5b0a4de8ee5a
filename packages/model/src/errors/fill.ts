import type { Language } from './language.js';
import type { ErrorDetails } from './qianzhi-error.js';

/** Fills the `{name}` places of a template from the details; a place without a detail stays as it is. */
export function fillPlaces(template: string, details: ErrorDetails, language: Language): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => {
    const detail = details[name];
    const value = detail !== null && typeof detail === 'object' ? detail[language] : detail;
    return value === undefined ? place : oneLine(String(value)).slice(0, 500);
  });
}

/** Input never becomes a log line of its own (promise 19). */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
}
