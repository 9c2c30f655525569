/** What the account has already as it is now declared: without the change of the files it would have gone. */
import { withAwsPolicies } from '../../access/documents.ts';
import type { Desired } from '../../core/desired.ts';
import { NameMap } from '../../core/names.ts';
import { attachmentRef, membershipRef, objectRef, partRef } from '../../core/references.ts';
import type { AccountState } from '../../core/state.ts';
import { kinds } from '../../kinds/index.ts';
import type { Context, Kind } from '../../kinds/index.ts';
import type { AnyChange } from '../../kinds/change.ts';
import type { AttachmentFact, MembershipFact } from '../../kinds/facts.ts';
import type { Rule } from '../../kinds/rule.ts';
import { applyRenames } from '../rename.ts';
import { spellAsLive } from '../spelling.ts';
import { factKey } from './told.ts';
import type { Told } from './told.ts';

interface SettledInput {
  readonly before: Desired;
  readonly after: Desired;
  readonly live: AccountState;
  readonly now: Date;
}

/** The manifests of the base are taken for the account, and compared with those of now as an account is. */
export function settled({ before, after, live: account, now }: SettledInput, told: Told): Rule[] {
  const ignore = (): void => {};
  const [was, is] = [before, after].map(({ state }) => withAwsPolicies(state, account));
  const { live } = applyRenames(is!, was!);
  const desired = spellAsLive({ desired: is!, live, problem: ignore, note: ignore });
  const context: Context = {
    desired,
    live,
    now,
    delivered: new Set(),
    inScope: () => true,
    isIgnored: () => false,
    writesLabels: () => false,
    expiry: () => undefined,
    place: () => undefined,
    problem: ignore,
    note: ignore,
  };
  return kinds.flatMap((kind) => ofKind(kind, context)).flatMap((change) => untold(change, told));
}

/** Of objects on both sides: what came or went as a whole is told by its name. */
function ofKind<T>(kind: Kind<T>, context: Context): AnyChange[] {
  const was = new NameMap(kind.of(context.live));
  return [...kind.of(context.desired)].flatMap(([name, object]) => {
    const earlier = was.get(name);
    return earlier === undefined ? [] : kind.diff(object, earlier, context).map(({ change }) => change);
  });
}

function untold(change: AnyChange, told: Told): Rule[] {
  const object = objectRef(change.kind, change.name);
  const facts = change.facts.filter((one) => {
    const fact = one as AttachmentFact | MembershipFact;
    if (fact.fact === 'membership' && told(membershipRef(fact.user, fact.group))) return false;
    if (fact.fact === 'attachment' && told(attachmentRef(object, fact.arn))) return false;
    return !told(partRef(object, change.aspect, factKey(one)));
  });
  if (facts.length === 0) return [];
  const { dangers: _dangers, patch: _patch, ...rest } = change;
  return [
    {
      id: change.id,
      rule: 'as-it-is',
      of: [object],
      before: false,
      after: true,
      effect: change.effect,
      change: { ...rest, facts, patch: [] },
    },
  ];
}
