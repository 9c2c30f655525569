import type { Json } from '../../core/json.ts';
import { earlierVersion } from '../../core/policy-language.ts';
import type { PolicyDocument, Role } from '../../core/state.ts';
import { hasVariables } from '../../policy/canonical.ts';
import { checkTrust } from '../../policy/trust/index.ts';
import { nameOf, unreadable } from '../to-manifest.ts';
import type { References } from '../to-manifest.ts';
import { toForms } from './trust-forms.ts';
import type { Names } from './trust-forms.ts';

/** A trust as a manifest says it: in short forms where those say all of it, else as a whole document. */
export function trustToManifest(
  { name, trust }: Role,
  references: References,
): { readonly value: Json; readonly reasons: readonly string[] } {
  const forms = toForms(trust, namesOf(references));
  if (forms) return { value: forms as unknown as Json, reasons: [] };
  // Without a version, IAM assumes that of 2008, in which variables are plain text.
  const document: PolicyDocument =
    trust['Version'] === undefined && hasVariables(trust) ? { Version: earlierVersion, ...trust } : trust;
  const { partition } = references.live;
  const issue = checkTrust(document, { partition, whereItStands: true }).find(
    ({ severity }) => severity === 'error',
  );
  const odd = issue?.message ?? unreadable(document);
  if (odd !== null) return { value: null, reasons: [`its trust policy: ${odd}`] };
  return { value: references.document(['roles', name, 'trust'], document), reasons: [] };
}

/** Users and roles that are there and have a name in manifests, by their ARNs. */
function namesOf(references: References): Names {
  const { users, roles, account, partition, oidcProviders, samlProviders } = references.live;
  const arns = new Map<string, readonly [kind: string, name: string]>();
  for (const [kind, some] of [['user', users] as const, ['role', roles] as const])
    for (const { arn, name } of some.values()) if (arn !== undefined) arns.set(arn, [kind, name]);
  const byName = new Map([...arns].map(([arn, of]) => [of.join(' '), arn]));
  return {
    account,
    partition,
    isUnknown: (arn) =>
      [oidcProviders, samlProviders].some((providers) => {
        const arns = [...providers.values()].map((provider) => provider.arn);
        const isOfKind = arns.some((one) => one.split('/')[0] === arn.split('/')[0]);
        return isOfKind && !arns.includes(arn);
      }),
    arnOf: (kind, name) => byName.get(`${kind} ${name}`) ?? '',
    nameOf(arn) {
      const [kind, name] = arns.get(arn) ?? [];
      if (kind === undefined || name === undefined) return null;
      return nameOf(kind, name, references) === name ? { kind, name } : null;
    },
  };
}
