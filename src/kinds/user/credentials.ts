import type { AccessKey, User } from '../../core/state.ts';
import { makeChange } from '../kind.ts';
import type { Draft, StepDraft } from '../kind.ts';

/**
 * Access keys and the console password against what the manifest declares. Only what was really listed counts:
 * `live.credentials` absent means that the credential report gave no reason to look (aws/read.ts).
 */
export function diffCredentials(desired: User, live: User): Draft[] {
  if (!live.credentials) return [];
  const { accessKeys, loginProfile } = live.credentials;
  return [
    ...diffAccessKeys(desired, accessKeys),
    ...(loginProfile && !desired.console ? [removeLoginProfile(desired)] : []),
  ];
}

function diffAccessKeys(desired: User, keys: readonly AccessKey[]): Draft[] {
  const wanted = desired.accessKey?.count ?? 0;
  if (keys.length < wanted) {
    const steps = Array.from({ length: wanted - keys.length }, () => createAccessKey(desired, keys));
    return [
      {
        change: makeChange({
          kind: 'user',
          name: desired.name,
          aspect: 'accessKey',
          action: 'update',
          summary: `access key +${steps.length}`,
          effect: 'widens',
          reason: 'a new secret gives the access that the user has',
          before: { accessKeys: keys.map(({ id }) => id) },
          after: { accessKeys: [...keys.map(({ id }) => id), ...steps.map(() => '(new)')] },
        }),
        steps,
      },
    ];
  }
  return keys.length > wanted ? [removeSurplus(desired, keys, wanted)] : [];
}

export function createAccessKey(user: User, keys: readonly AccessKey[]): StepDraft {
  return {
    op: 'CreateAccessKey',
    input: { UserName: user.name },
    cls: 'credential',
    uses: [`user:${user.name}`],
    reach: `user:${user.name}`,
    delivers: {
      credential: 'access-key',
      user: user.name,
      to: user.accessKey?.deliverTo ?? null,
      known: keys.map(({ id }) => id),
    },
  };
}

/** Which of more keys than declared stay: the active ones, the newest first. */
function removeSurplus(desired: User, keys: readonly AccessKey[], wanted: number): Draft {
  const order = [...keys].sort(
    (a, b) =>
      Number(b.status === 'Active') - Number(a.status === 'Active') || (a.createdAt < b.createdAt ? 1 : -1),
  );
  const surplus = order.slice(wanted);
  return {
    change: makeChange({
      kind: 'user',
      name: desired.name,
      aspect: 'accessKey',
      action: 'update',
      summary: `access key ${surplus.map(({ id }) => `-${id}`).join(' ')}`,
      effect: 'narrows',
      reason: wanted === 0 ? 'no file declares an access key' : `the file declares ${wanted}`,
      before: { accessKeys: keys.map(({ id }) => id) },
      after: { accessKeys: order.slice(0, wanted).map(({ id }) => id) },
    }),
    steps: surplus.flatMap(({ id, status }) => removeAccessKey(desired.name, id, status === 'Active')),
  };
}

export function removeAccessKey(user: string, id: string, active: boolean): StepDraft[] {
  const input = { UserName: user, AccessKeyId: id };
  const rest = { cls: 'revoke', uses: [`user:${user}`], reach: `user:${user}` } as const;
  return [
    ...(active ? [{ op: 'UpdateAccessKey', input: { ...input, Status: 'Inactive' }, ...rest }] : []),
    { op: 'DeleteAccessKey', input, ...rest, chained: active },
  ];
}

function removeLoginProfile(user: User): Draft {
  return {
    change: makeChange({
      kind: 'user',
      name: user.name,
      aspect: 'console',
      action: 'update',
      summary: 'login profile (console password) -',
      effect: 'narrows',
      reason: 'no file declares console access',
      before: { console: true },
      after: { console: false },
    }),
    steps: [
      {
        op: 'DeleteLoginProfile',
        input: { UserName: user.name },
        cls: 'revoke',
        uses: [`user:${user.name}`],
        reach: `user:${user.name}`,
      },
    ],
  };
}
