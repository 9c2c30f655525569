/** What a change of the manifests does without any API call, as data. */
import * as t from '@sinclair/typebox/type';
import type { Static } from '@sinclair/typebox/type';
import type { Json } from '../core/json.ts';
import type { Ref } from '../core/references.ts';
import { list, object, oneOf, text } from '../core/schema.ts';
import type { AnyChange } from './change.ts';

const ruleNames = [
  'expiry', // of what both sides declare
  'max-removals',
  'protect',
  'min-members',
  'deny',
  'scope', // what the manifests rule over
  'declared', // objects that the account has as they are now declared
  'undeclared', // objects that the account does not have either, or that are left alone
  'as-it-is', // what the account has as it is now declared
  'access-keys', // how many there are to be, and the account has them
  'password',
  'suspended',
  'recipient', // of new secrets, of a key or password that there is already
  'rotate-after',
  'grace',
  'pins',
  'service-credentials',
  'revoke', // whether sessions of a role end where access narrows
  'description',
  'tags', // whether they are compared at all
  'thumbprints', // likewise
] as const;

/** In a saved plan. */
export const ruleSchema = object({
  id: text('Unique and stable, such as `user:ben/expires` or `rails/maxRemovals/users`.'),
  rule: oneOf(ruleNames, { description: 'What kind of rule it is.' }),
  of: list(t.Unsafe<Ref>(t.String()), {
    description: 'The objects that it is about, where it is about some; of a scope all that go out or in.',
  }),
  key: t.Optional(text('Which one of its kind: a section of the manifests, a group, a danger, a setting.')),
  before: t.Unsafe<Json>({ description: 'At the base; null: not set.' }),
  after: t.Unsafe<Json>({ description: 'In the manifests; null: not set.' }),
  effect: oneOf(['widens', 'narrows', 'none', 'unclear'], {
    description: '`widens`: the rule is looser; `narrows`: tighter; `unclear` is treated as `widens`.',
  }),
  out: t.Optional(list(t.Unsafe<Ref>(t.String()), { description: 'What the manifests rule over no more.' })),
  told: t.Optional(
    t.Integer({ description: 'Of a scope: how many more come into it, which the changes tell.', minimum: 1 }),
  ),
  at: t.Optional(text('Where the manifests say so, as `file:line:column`; `REV:file` where they did.')),
  dangers: t.Optional(
    list(object({ principal: t.Unsafe<Ref>(t.String()), code: t.String() }), {
      description: 'Whom among those that it is about nobody should overlook, and why.',
    }),
  ),
  change: t.Optional(
    t.Unsafe<AnyChange>({ description: 'Of `as-it-is`: the change that the account needs no more.' }),
  ),
  text: text('In a line.'),
  reason: text('Why it is looser or tighter.'),
});
export type WordedRule = Static<typeof ruleSchema>;
export type Rule = Omit<WordedRule, 'text' | 'reason'>;

const byAccount: ReadonlySet<Rule['rule']> = new Set([
  'as-it-is',
  'declared',
  'undeclared',
  'access-keys',
  'password',
  'suspended',
  'tags',
  'thumbprints',
]);

/** It is told because no change of the plan tells it: the account is so already. The others go by the files alone. */
export const isByAccount = ({ rule }: Pick<Rule, 'rule'>): boolean => byAccount.has(rule);

/** A setting of one object that no call carries out, as its kind tells it. */
export interface ObjectRule extends Pick<Rule, 'rule' | 'before' | 'after' | 'effect'> {
  /** Of its reference: `accessKey`, `deliverTo`. */
  readonly part: readonly string[];
  /** Aspects of changes that tell the same where there are some. */
  readonly toldBy?: readonly string[];
}
