import type { Location } from '../../../core/errors.ts';
import { parseRecipient } from '../../../core/recipient.ts';
import { quote } from '../../../core/text.ts';
import type { ManifestContext } from '../../reading/context.ts';
import { field, place, textOf } from '../../../core/tree.ts';
import type { Node } from '../../../core/tree.ts';

/** Reads `deliverTo` fields: whose secrets are for whom. */
export class Recipients {
  readonly #context: ManifestContext;
  /** By recipient: the first user that it was seen with. */
  readonly #first = new Map<string, { readonly user: string; readonly at: Location }>();

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
    const first = this.#first.get(recipient);
    if (!first) this.#first.set(recipient, { user, at });
    else if (first.user !== user) {
      report.warning(
        'shared-recipient',
        at,
        `users ${quote(first.user)} and ${quote(user)} have the same recipient: one person could read the secrets of both`,
        {
          hint: 'ask each for a key of their own',
          related: [{ message: 'first here', at: first.at }],
        },
      );
    }
    return recipient;
  }
}

/** Of the offending character itself, where the text stands in the file as it is. */
function placeOf(node: Node, text: string, position: number | undefined): Location {
  const { source, offset } = node;
  if (position === undefined) return place(node);
  const start = [offset, offset + 1].find((at) => source.text.startsWith(text, at));
  return start === undefined ? place(node) : source.locate(start + position);
}
