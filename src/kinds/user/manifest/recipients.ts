import type { Location } from '../../../core/errors.ts';
import { parseRecipient } from '../../../core/recipient.ts';
import { listSome, quote } from '../../../core/text.ts';
import type { ManifestContext } from '../../reading/context.ts';
import { field, place, textOf } from '../../../core/tree.ts';
import type { Node } from '../../../core/tree.ts';

/** Reads `deliverTo` fields: whose secrets are for whom. */
export class Recipients {
  readonly #context: ManifestContext;
  /** By recipient: where each of its users first names it. */
  readonly #users = new Map<string, Map<string, Location>>();

  constructor(context: ManifestContext) {
    this.#context = context;
  }

  /** The recipient without its comment; undefined where there is none or it is not valid (then reported). */
  read(user: string, owner: Node): string | undefined {
    const node = field(owner, 'deliverTo')?.value;
    const text = textOf(node);
    if (!node || text === undefined) return undefined;
    const { report } = this.#context;
    const parsed = parseRecipient(text);
    const at = place(node);
    if (!parsed.ok) {
      report.error(
        'bad-recipient',
        placeOf(node, text, parsed.position),
        `deliverTo of user ${quote(user)}: ${parsed.message}`,
        {
          hint: parsed.hint,
        },
      );
      return undefined;
    }
    const recipient = parsed.recipient.text;
    const users = this.#users.get(recipient) ?? new Map<string, Location>();
    if (!users.has(user)) this.#users.set(recipient, users.set(user, at));
    return recipient;
  }

  /** Warns of recipients of several users, once all have been read. */
  checkShared(): void {
    for (const users of this.#users.values()) {
      const [first, second, ...others] = users.values();
      if (!first || !second) continue;
      const names = [...users.keys()].map((name) => quote(name));
      const whose =
        names.length === 2 ? `users ${names.join(' and ')}` : `${names.length} users (${listSome(names, 3)})`;
      this.#context.report.warning(
        'shared-recipient',
        second,
        `${whose} have the same recipient: one person could read the secrets of ${names.length === 2 ? 'both' : 'all'}`,
        {
          hint: 'ask each for a key of their own',
          related: [
            { message: 'first here', at: first },
            ...others.slice(0, 1).map((at) => ({ message: 'also here', at })),
          ],
        },
      );
    }
  }
}

/** Of the offending character itself, where the text stands in the file as it is. */
function placeOf(node: Node, text: string, position: number | undefined): Location {
  const { source, offset } = node;
  if (position === undefined) return place(node);
  const start = [offset, offset + 1].find((at) => source.text.startsWith(text, at));
  return start === undefined ? place(node) : source.locate(start + position);
}
