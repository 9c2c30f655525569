import { objectRef, partRef } from '../../../core/references.ts';
import { byText } from '../../../core/json.ts';
import { limits } from '../../../core/limits.ts';
import { quote } from '../../../core/text.ts';
import type { ManifestContext } from '../../reading/context.ts';
import { parseExpiry } from '../../../core/expiry.ts';
import { field, itemsOf, place, textOf } from '../../../core/tree.ts';
import type { Node } from '../../../core/tree.ts';

/** Reads which keys and passwords were reviewed: `accessKey.ids` and `console.createdAt`. */
export class Pins {
  readonly #context: ManifestContext;
  /** By key id: the first place that names it. */
  readonly #first = new Map<string, Node>();

  constructor(context: ManifestContext) {
    this.#context = context;
  }

  /** @param count how many keys the user has, a rotation apart. */
  readIds(user: string, accessKey: Node, count: number): string[] | undefined {
    const list = field(accessKey, 'ids');
    if (!list) return undefined;
    const { report } = this.#context;
    this.#context.source(partRef(objectRef('user', user), 'accessKey', 'ids'), list.at);
    const ids: string[] = [];
    for (const node of itemsOf(list.value)) {
      const id = textOf(node);
      if (id === undefined) continue;
      const first = this.#first.get(id);
      if (first) {
        report.error('duplicate-entry', place(node), `access key ${quote(id)} is pinned twice`, {
          hint: 'a key belongs to one user: keep one',
          related: [{ message: 'first here', at: place(first) }],
        });
      } else this.#first.set(id, node);
      ids.push(id);
    }
    const most = Math.min(count + 1, limits.accessKeysPerUser);
    if (list.value.kind === 'list' && list.value.items.length === 0) {
      report.error('bad-value', place(list.value), `no access key of user ${quote(user)} is pinned`, {
        hint: 'drop ids: then any key will do; or write them with `rollcall pin`',
      });
    } else if (ids.length > most) {
      report.error(
        'bad-value',
        place(list.value),
        `${ids.length} access keys of user ${quote(user)} are pinned, which can have ${most}`,
        { hint: 'pin those that are in use: as many as count says, and one more in a rotation' },
      );
    }
    return ids.length === 0 ? undefined : ids.sort(byText);
  }

  /** In UTC and in whole seconds, as IAM tells it. */
  readCreatedAt(user: string, console: Node): string | undefined {
    const entry = field(console, 'createdAt');
    const text = textOf(entry?.value);
    if (!entry || text === undefined) return undefined;
    this.#context.source(partRef(objectRef('user', user), 'console', 'createdAt'), entry.at);
    const read = parseExpiry(text);
    const wrong =
      'problem' in read
        ? read.problem
        : !/[Tt]/.test(text)
          ? 'is a day, not an instant'
          : read.at.getUTCMilliseconds() !== 0
            ? 'has parts of a second, which IAM does not tell'
            : null;
    if (!('problem' in read) && wrong === null) return seconds(read.at);
    this.#context.report.error(
      'bad-value',
      place(entry.value),
      `createdAt of user ${quote(user)}: ${quote(text)} ${wrong}`,
      { hint: 'write it as IAM tells it, such as 2026-01-31T12:00:00Z; `rollcall pin` does' },
    );
    return undefined;
  }
}

const seconds = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;
