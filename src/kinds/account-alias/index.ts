import { objectRef } from '../../core/references.ts';
import { quote } from '../../core/text.ts';
import { makeChange } from '../change.ts';
import { inOthers } from '../kind.ts';
import type { Draft, Kind } from '../kind.ts';
import type { Iam, LiveReader } from '../live.ts';
import { about } from './about.ts';
import type { AccountAlias } from './about.ts';
import schema from './schema.json' with { type: 'json' };
import { aliasWords } from './words.ts';
import type { AliasChange } from './words.ts';

const pattern = new RegExp(schema.properties.account.properties.alias.pattern);
const place = inOthers<AccountAlias | null>(about.name);
const ref = objectRef(about.name, about.only);

const live: LiveReader<AccountAlias | null> = {
  async forPlan(account, { iam, manifests }) {
    return place.of(manifests.state).size === 0 ? account : place.put(account, await readAlias(iam));
  },
  async forImport(account, { iam, isNew }) {
    return isNew ? place.put(account, await readAlias(iam)) : account;
  },
};

/** Null: the manifests say that there is none. */
export const accountAliasKind = {
  ...about,
  ...place,
  schema,
  read(context) {
    const entry = context.declared(about.section).get(about.only);
    if (entry?.value.kind !== 'scalar') return new Map();
    context.source(ref, entry.at);
    const { value } = entry.value;
    return new Map([[about.only, typeof value === 'string' ? { alias: value } : null]]);
  },
  live,
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

async function readAlias(iam: Iam): Promise<Map<string, AccountAlias>> {
  const answers = await iam.list('ListAccountAliases', {});
  const aliases = answers.flatMap(({ AccountAliases }) => AccountAliases ?? []);
  return new Map(aliases.slice(0, 1).map((alias) => [about.only, { alias }]));
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
