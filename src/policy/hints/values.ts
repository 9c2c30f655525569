import { builtin } from '../../core/builtin.ts';

/** What an operator can compare with, in words, where the value cannot be that; null where it can. */
export function misfit(operator: string, text: string): string | null {
  // What a policy variable stands for is known only when a request comes.
  if (text.includes('${')) return null;
  const family = families.find(({ of }) => of.test(operator));
  return family === undefined || family.fits(text) ? null : family.wants;
}

/**
 * By the operator without `ForAnyValue:` and `IfExists`. Source: IAM User Guide, "IAM JSON policy elements: Condition
 * operators".
 */
const families: readonly { of: RegExp; wants: string; fits: (text: string) => boolean }[] = [
  { of: /^(?:Not)?IpAddress$/i, wants: 'an IP address or a range, such as 203.0.113.0/24', fits: isRange },
  { of: /^(?:Bool|Null)$/i, wants: 'true or false', fits: (text) => /^(?:true|false)$/i.test(text) },
  { of: /^Numeric/i, wants: 'a number', fits: (text) => /^[-+]?\d+(?:\.\d+)?$/.test(text) },
  { of: /^Date/i, wants: 'a date, such as 2027-01-31T00:00:00Z, or seconds since 1970', fits: isDate },
  {
    of: /^Binary/i,
    wants: 'base64',
    fits: (text) => /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(text),
  },
  { of: /^Arn/i, wants: 'an ARN', fits: (text) => /^(?:arn:|[*?])/.test(text) },
];

function isRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = builtin('node:net').isIP(address);
  const most = version === 4 ? 32 : 128;
  return (
    version !== 0 &&
    more.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  );
}

const form =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|[-+]\d\d:?\d\d)?)?)?)?$/;

function isDate(text: string): boolean {
  if (/^\d+$/.test(text)) return true;
  const match = form.exec(text);
  if (match === null) return false;
  const [year, month, day, hour, minute, second] = match
    .slice(1)
    .map((part, index) => Number(part ?? (index === 1 || index === 2 ? 1 : 0)));
  const date = new Date(Date.UTC(year!, month! - 1, day));
  return (
    date.getUTCMonth() === month! - 1 &&
    date.getUTCDate() === day &&
    hour! < 24 &&
    minute! < 60 &&
    second! < 61
  );
}
