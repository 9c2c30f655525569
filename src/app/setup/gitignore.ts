/** The line by which a later run knows that its lines were written, whatever has become of them. */
const mark = '# rollcall: what runs leave behind';

/** Secrets and plans never belong into history; of receipts, teams think differently. */
const lines = [
  mark,
  '# New secrets, encrypted to one person each (docs/delivery.md).',
  '/deliveries/',
  '# New secrets in clear, of apply --keys-to: delete these once they are handed over.',
  '*.keys',
  '/keys.jsonl',
  '# Saved plans tell who may do what, and are stale soon.',
  '/rollcall-plan.json',
  '/plan.json',
  '*.plan.json',
  '# A patch that a job offers for review.',
  '/rollcall-pins.patch',
  '# Receipts of offboardings (docs/receipts.md): commit them where auditors read the history, or take the # away where',
  '# they are kept elsewhere.',
  '# /receipts/',
];

/**
 * The `.gitignore` with what rollcall needs, or null where it has been written before.
 *
 * @param text of the file as it is; null: there is none.
 */
export function withIgnored(text: string | null): string | null {
  const present = new Set((text ?? '').split(/\r?\n/).map((line) => line.trim()));
  if (present.has(mark)) return null;
  const eol = text?.includes('\r\n') ? '\r\n' : '\n';
  const block = lines.filter((line) => line.startsWith('#') || !present.has(line));
  const before = text === null || text === '' ? '' : `${text.replace(/\r?\n$/, '')}${eol}${eol}`;
  return `${before}${block.join(eol)}${eol}`;
}
