import { clean } from './text.ts';

/**
 * A row of a table of comma-separated values, without its end. Source: RFC 4180, but for lines that end with a line feed
 * alone, as in all output here.
 */
export const csvRow = (cells: readonly string[]): string => cells.map(cell).join(',');

/** What a spreadsheet would take for a formula begins with an apostrophe, as OWASP's "CSV Injection" recommends. */
function cell(text: string): string {
  const safe = clean(text).replace(/^(?=[=+\-@])/, "'");
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
