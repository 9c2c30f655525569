import { objectRef } from '../../core/references.ts';
import { quote } from '../../core/text.ts';
import { makeChange } from '../change.ts';
import type { Draft, Kind } from '../kind.ts';
import type { Iam } from '../live.ts';
import { singleton } from '../singleton.ts';
import { about } from './about.ts';
import type { AccountAlias } from './about.ts';
import schema from './schema.json' with { type: 'json' };
import { aliasWords } from './words.ts';
import type { AliasChange } from './words.ts';

const pattern = new RegExp(schema.properties.account.properties.alias.pattern);
const ref = objectRef(about.name, about.only);

/** Null: the manifests say that there is none. */
export const accountAliasKind = {
  ...about,
  ...singleton<AccountAlias | null>(about, readAlias),
  schema,
  read(context) {
    const entry = context.declared(about.section).get(about.only);
    if (entry?.value.kind !== 'scalar') return new Map();
    context.source(ref, entry.at);
    const { value } = entry.value;
    return new Map([[about.only, typeof value === 'string' ? { alias: value } : null]]);
  },
  toManifest: (object) => ({
    value: object?.alias ?? false,
    // An emulator may have one that IAM would refuse.
    reasons:
      object && !pattern.test(object.alias) ? [`the alias ${quote(object.alias)} cannot be written`] : [],
    notes: [],
  }),
  calls: { CreateAccountAlias: 'account', DeleteAccountAlias: 'account' },
  reads: { ListAccountAliases: 'account' },
  words: aliasWords,
  diff(desired, live) {
    const [before, after] = [live?.alias ?? null, desired?.alias ?? null];
    return before === after ? [] : [draft(before, after)];
  },
} satisfies Kind<AccountAlias | null, AliasChange>;

async function readAlias(iam: Iam): Promise<AccountAlias | null> {
  const answers = await iam.list('ListAccountAliases', {});
  const [alias] = answers.flatMap(({ AccountAliases }) => AccountAliases ?? []);
  return alias === undefined ? null : { alias };
}

function draft(before: string | null, after: string | null): Draft<AliasChange> {
  const change = makeChange({
    kind: about.name,
    name: about.only,
    aspect: 'object',
    action: 'update',
    effect: 'none',
    reasons: [{ code: 'sign-in-address', before, after }],
    facts: [{ fact: 'alias', before, after }],
    before: { alias: before },
    after: { alias: after },
  });
  const common = { about: ref, cls: 'neutral' } as const;
  // A new alias takes the place of the old one: between a deletion and a creation somebody else could take it.
  const step =
    after === null
      ? ({
          op: 'DeleteAccountAlias',
          input: { AccountAlias: before ?? '' },
          purpose: 'delete',
          ...common,
        } as const)
      : ({
          op: 'CreateAccountAlias',
          input: { AccountAlias: after },
          purpose: 'configure',
          ...common,
        } as const);
  return { change, steps: [step] };
}
