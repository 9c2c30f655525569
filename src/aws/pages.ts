import { createHash } from 'node:crypto';
import { incomplete } from './errors.ts';

/** What the answers of IAM's lists have in common. */
export interface Page {
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
  readonly $metadata: object;
}

/**
 * More pages than any account can fill at IAM's highest quotas, even if IAM returns only a few items per page: 5,000
 * users, 10,000 roles, 5,000 policies and 500 groups in an account, and a few dozen of anything that belongs to one
 * user. Source: IAM User Guide, "IAM and AWS STS quotas".
 */
const mostPages = (op: string): number => (op === 'GetAccountAuthorizationDetails' ? 5000 : 500);
/**
 * Characters of JSON, all pages together: ten times what a large account has, and less than the memory of a small
 * machine.
 */
const mostText = 256 * 1024 * 1024;
/**
 * IAM may return fewer items than it has, "even when there are more results available", and for some pages none at
 * all.
 */
const mostIdle = 10;

/**
 * All pages of a list; nothing else reads lists. Whatever the server answers, this neither goes on for ever nor takes
 * a part for the whole: an answer without the list, a marker that an earlier page gave, pages that add nothing, and
 * more pages than an account can have are errors.
 *
 * @param hint what the user can do if the answer is no list.
 * @throws RollcallError for those, and whatever `send` throws.
 */
export async function* pages<T extends Page>(
  op: string,
  send: (page: { Marker?: string }) => Promise<T>,
  hint?: string,
): AsyncGenerator<T, void, undefined> {
  const markers = new Set<string>();
  const contents = new Set<string>();
  let text = 0;
  let idle = 0;
  let marker: string | undefined;
  for (let count = 1; ; count += 1) {
    const page = await send(marker === undefined ? {} : { Marker: marker });
    const { $metadata: _, IsTruncated, Marker, ...items } = page;
    // An empty body with status 200 is an answer without the list.
    if (Object.values({ IsTruncated, Marker, ...items }).every((value) => value === undefined))
      throw incomplete(op, hint);
    yield page;
    if (IsTruncated === false || (IsTruncated === undefined && !Marker)) return;
    if (!IsTruncated || !Marker || markers.has(Marker)) throw incomplete(op, hint);
    const json = JSON.stringify(items);
    const content = createHash('sha256').update(json).digest('base64');
    const adds = !contents.has(content) && hasItems(items);
    idle = adds ? 0 : idle + 1;
    text += json.length;
    if (idle > mostIdle || count >= mostPages(op) || text > mostText) throw endless(op, hint);
    contents.add(content);
    markers.add(Marker);
    marker = Marker;
  }
}

const hasItems = (items: object): boolean =>
  Object.values(items).some((value) => Array.isArray(value) && value.length > 0);

const endless = (op: string, hint: string | undefined) => incomplete(op, hint, 'the list does not end');
