/**
 * Dates and times of `expires`. A date lasts until its last millisecond in UTC; a time is RFC 3339 with a time zone.
 * Local times are refused, because a reviewer's machine and a CI would read them differently.
 */
const datePart = String.raw`(\d{4})-(\d{2})-(\d{2})`;
const pattern = new RegExp(
  `^${datePart}(?:[Tt](\\d{2}):(\\d{2}):(\\d{2})(?:\\.(\\d+))?([Zz]|([+-])(\\d{2}):(\\d{2})))?$`,
);

/** The last instant at which something counts, or why the text is not valid. */
export function parseExpiry(text: string): { at: Date } | { problem: string; hint: string } {
  const found = pattern.exec(text);
  if (!found)
    return { problem: 'is neither a date nor an instant with its time zone', hint: formatHint(text) };
  const part = (index: number): number => Number(found[index] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    return {
      problem: 'is a day that does not exist',
      hint: 'write a day of the calendar, such as 2027-01-31',
    };
  }
  if (found[4] === undefined) {
    date.setUTCHours(23, 59, 59, 999);
    return { at: date };
  }
  if (hour > 23 || minute > 59 || second > 59 || part(10) > 23 || part(11) > 59) {
    return {
      problem: 'is a time of day that does not exist',
      hint: 'write a time from 00:00:00 to 23:59:59',
    };
  }
  const zone = (found[9] === '-' ? -1 : 1) * (part(10) * 60 + part(11));
  const millisecond = Number((found[7] ?? '').slice(0, 3).padEnd(3, '0'));
  date.setUTCHours(hour, minute - zone, second, millisecond);
  return { at: date };
}

function formatHint(text: string): string {
  return /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/i.test(text)
    ? 'write it with T, seconds and time zone, such as 2027-01-31T18:00:00Z or 2027-01-31T18:00:00+01:00'
    : 'write a date such as 2027-01-31 (to its end, in UTC) or an instant such as 2027-01-31T18:00:00Z';
}
