import { objectRef } from '../../core/references.ts';
import { byText } from '../../core/json.ts';
import type { ServiceCredential, User } from '../../core/state.ts';
import { makeChange } from '../change.ts';
import { credentialOf, isActive } from './credential-calls.ts';
import type { Context, Draft, StepDraft } from '../kind.ts';
import type { UserChange } from './words.ts';

/**
 * Credentials of single services (CodeCommit, Keyspaces, Bedrock, …) of users who stay. People may enrol them, unless
 * the files forbid it: then they go as access keys do that no file declares.
 */
export function forbidServiceCredentials(desired: User, live: User): Draft<UserChange>[] {
  const all = live.serviceCredentials ?? [];
  if (!desired.forbidsServiceCredentials || all.length === 0) return [];
  return [
    {
      change: makeChange({
        kind: 'user',
        name: desired.name,
        aspect: 'serviceCredentials',
        action: 'update',
        effect: 'narrows',
        reasons: [{ code: 'forbidden' }],
        facts: all.map(
          ({ id, service, status }) =>
            ({ fact: 'service-credential', id, service, before: status, after: null }) as const,
        ),
        before: { serviceCredentials: all.map(({ id }) => id) },
        after: { serviceCredentials: [] },
      }),
      steps: all.flatMap((one) => remove(desired.name, one)),
    },
  ];
}

function remove(user: string, one: ServiceCredential): StepDraft[] {
  const { about, setStatus, remove } = credentialOf['service-credential'](user, one.id);
  const rest = {
    about,
    cls: 'revoke',
    uses: [objectRef('user', user)],
    affects: objectRef('user', user),
  } as const;
  const active = isActive(one);
  return [
    ...(active ? [{ ...setStatus('Inactive'), purpose: 'deactivate-credential', ...rest } as const] : []),
    { ...remove, purpose: 'delete-credential', ...rest, chained: active },
  ];
}

/** One note about all that people have enrolled, as they may. */
export function noteServiceCredentials(context: Context): void {
  const { desired, live } = context;
  const enrolled = [...desired.users.values()]
    .filter(({ forbidsServiceCredentials }) => !forbidsServiceCredentials)
    .flatMap(({ name }) =>
      (live.users.get(name)?.serviceCredentials ?? []).map(
        ({ id, service, status }) => `${name} ${id} (${service}), ${status}`,
      ),
    );
  if (enrolled.length > 0)
    context.note(`service credentials of declared users: ${enrolled.sort(byText).join('; ')}`);
}
