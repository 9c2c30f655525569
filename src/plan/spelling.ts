import { attachmentRef, objectRef, parseRef, partRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import { policyArnParts } from '../core/arn.ts';
import { NameMap, sameName } from '../core/names.ts';
import { kinds } from '../kinds/index.ts';
import type { AccountState, Documents, Identity, User } from '../core/state.ts';

interface World {
  readonly desired: AccountState;
  /** Under the names that objects have once they are renamed. */
  readonly live: AccountState;
  readonly problem: (message: string, hint: string, at: string) => void;
  readonly note: (text: string) => void;
}

/**
 * The desired state with inline policies named as IAM has them. IAM keeps the first spelling of a name: what the files
 * call `nodelete` is the policy `NoDelete`, and to put the one and delete the other would leave none. Behind this,
 * the two sides are compared by equal texts.
 */
export function spellAsLive(world: World): AccountState {
  const { desired, live } = world;
  const policies = new NameMap([...live.policies.values()].map(({ name, arn }) => [name, arn] as const));
  const respell = <T extends Identity>(
    kind: string,
    wanted: ReadonlyMap<string, T>,
    present: ReadonlyMap<string, T>,
  ): ReadonlyMap<string, T> =>
    new Map(
      [...wanted].map(([name, identity]) => {
        const now = present.get(name);
        const holds = (identity as Partial<User>).boundary ?? null;
        const held = (now as Partial<User> | undefined)?.boundary ?? null;
        const who = objectRef(kind, name);
        for (const arn of identity.attachedPolicyArns) {
          refuseOtherArn(attachmentRef(who, arn), arn, now?.attachedPolicyArns ?? [], policies, world);
        }
        if (holds !== null) {
          refuseOtherArn(partRef(who, 'boundary'), holds, held === null ? [] : [held], policies, world);
        }
        return [
          name,
          now ? { ...identity, policies: inlineAsLive(`${kind} ${name}`, identity, now, world) } : identity,
        ];
      }),
    );
  return kinds.reduce(
    (state, kind) =>
      kind.identity
        ? kind.put(state, respell(kind.name, kind.identity.of(desired), kind.identity.of(live)))
        : state,
    desired,
  );
}

function inlineAsLive(who: string, { policies }: Identity, live: Identity, { note }: World): Documents {
  const present = new NameMap(Object.entries(live.policies));
  return Object.fromEntries(
    Object.entries(policies).map(([name, document]) => {
      const spelled = Object.hasOwn(live.policies, name) ? name : (present.spelling(name) ?? name);
      if (spelled !== name) {
        note(
          `${who}: the inline policy ${name} is ${spelled} in IAM, which keeps the first spelling of a name; to be rid of this note, write ${spelled}`,
        );
      }
      return [spelled, document];
    }),
  );
}

/**
 * ARNs are compared with case, and the name is a part of them: to detach the one spelling and attach the other would
 * fail at the second step, and the policy would be gone.
 */
function refuseOtherArn(
  at: Ref,
  arn: string,
  present: readonly string[],
  policies: NameMap<string>,
  { desired, problem }: World,
): void {
  if (present.includes(arn)) return;
  const parts = policyArnParts(arn);
  const own = parts !== null && parts.account === desired.account;
  // A declared policy may be on its way to another path.
  if (own && desired.policies.get(parts.name)?.arn === arn) return;
  const inIam = own ? policies.get(parts.name) : present.find((other) => sameName(other, arn));
  if (inIam === undefined || inIam === arn) return;
  const { kind, name } = parseRef(at);
  problem(
    `${kind} ${name}: there is no policy ${arn}: IAM has it as ${inIam}`,
    `write it as IAM does: ${inIam}`,
    at,
  );
}
