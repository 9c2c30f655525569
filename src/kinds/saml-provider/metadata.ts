/** What the metadata of a SAML identity provider say, as far as people judge a change by it. */
import { builtin } from '../../core/builtin.ts';

/** Whom the metadata describe. The text itself may have ten million characters. */
export type Metadata = {
  readonly entityId: string | null;
  /** Where people sign in, in text order. */
  readonly signOn: readonly string[];
  /** Whoever has a key of one of them signs assertions. */
  readonly certificates: readonly Certificate[];
  /** ISO 8601. */
  readonly validUntil?: string;
  /** SHA-256 over what is compared, 16 digits. */
  readonly hash: string;
};

export type Certificate = {
  /** Hexadecimal digits. */
  readonly sha256: string;
  /** ISO 8601; absent where it cannot be read. */
  readonly until?: string;
};

/** As it is compared: ends of lines, white space before them and around the whole mean nothing. */
export const plainMetadata = (text: string): string =>
  text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();

const read = new Map<string, Metadata>();

export function readMetadata(text: string): Metadata {
  const plain = plainMetadata(text);
  const known = read.get(plain);
  if (known) return known;
  const xml = plain.replaceAll(/<!--.*?-->/gs, '');
  const [head = ''] = /<(?:[\w.-]+:)?EntityDescriptor\b[^>]*>/.exec(xml) ?? [];
  const whole = /<(?:[\w.-]+:)?EntitiesDescriptor\b[^>]*>/.exec(xml)?.[0] ?? '';
  const ends = [head, whole].flatMap((tag) => instant(attribute(tag, 'validUntil')) ?? []).sort();
  const found: Metadata = {
    entityId: attribute(head, 'entityID') ?? null,
    signOn: unique(
      [...xml.matchAll(/<(?:[\w.-]+:)?SingleSignOnService\b[^>]*>/g)].flatMap(
        ([tag]) => attribute(tag, 'Location') ?? [],
      ),
    ),
    certificates: unique(
      [...xml.matchAll(/<(?:[\w.-]+:)?X509Certificate>([^<]*)</g)].map(([, base64 = '']) =>
        base64.replaceAll(/\s/g, ''),
      ),
    ).map(certificate),
    ...(ends[0] === undefined ? {} : { validUntil: ends[0] }),
    hash: builtin('node:crypto').createHash('sha256').update(plain).digest('hex').slice(0, 16),
  };
  read.set(plain, found);
  return found;
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag);
  return found?.[1] ?? found?.[2];
};

function instant(text: string | undefined): string | undefined {
  const date = new Date(text ?? NaN);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function certificate(base64: string): Certificate {
  const { createHash, X509Certificate } = builtin('node:crypto');
  const der = Buffer.from(base64, 'base64');
  const sha256 = createHash('sha256').update(der).digest('hex');
  try {
    const until = instant(new X509Certificate(der).validTo);
    return until === undefined ? { sha256 } : { sha256, until };
  } catch {
    return { sha256 };
  }
}
