/** Of a Java `long`, which IAM reads seconds into. */
const mostSeconds = 9_223_372_036_854_775_807n;
/** Of a date in Java. */
const years = { first: -292_275_054, last: 292_278_993 } as const;

const date = /^(-?\d+)(?:-(\d+)(?:-(\d+))?)?$/;
const time = /^(\d+)?(?::(\d+)(?::(\d+)(?:\.\d{1,9})?)?(?:z|[-+](\d\d)(?::?(\d\d))?)?)?$/;

/**
 * Whether IAM reads a text as a date: ISO 8601, whole or cut short anywhere, or seconds since 1970. Sources: IAM User
 * Guide, "IAM JSON policy elements: Condition operators" (the W3C's profile of ISO 8601), and which dates moto's table
 * of documents has AWS take, such as `01T`, and refuse, such as a zone of one digit.
 */
export function isDate(value: string | number | boolean): boolean {
  const text = String(value).toLowerCase();
  if (!/[t-]/.test(text)) {
    const [, seconds] = /^0*(\d{1,19})$/.exec(text) ?? [];
    return seconds !== undefined && BigInt(seconds) <= mostSeconds;
  }
  const at = text.indexOf('t');
  const [days, hours] = at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  const [, year, month = '1', day = '1'] = date.exec(days) ?? [];
  const clock = time.exec(hours);
  if (year === undefined || clock === null) return false;
  const [, hour = '0', minute = '0', second = '0', zoneHour = '0', zoneMinute = '0'] = clock;
  return (
    within(year, years.first, years.last) &&
    within(month, 1, 12) &&
    within(day, 1, 31) &&
    within(hour, 0, 23) &&
    within(minute, 0, 59) &&
    within(second, 0, 59) &&
    within(zoneHour, 0, 23) &&
    within(zoneMinute, 0, 59)
  );
}

const within = (digits: string, first: number, last: number): boolean =>
  Number(digits) >= first && Number(digits) <= last;
