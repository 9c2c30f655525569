import type { AccountState, Beside, BesideKind } from '../core/state.ts';
import { RollcallError } from '../core/errors.ts';
import { byText } from '../core/json.ts';
import { together } from './live.ts';
import type { Iam, OutputOf, Part, Refused } from './live.ts';

const besideKinds: readonly BesideKind[] = ['oidc-provider', 'saml-provider', 'instance-profile'];

/**
 * What an account has of kinds that this run does not read whole. Its summary tells how much there is in one call;
 * providers, which it does not tell apart, are listed where there are some, or where the caller may not see the summary. A
 * refusal is no zero, and no error.
 *
 * @param isRead whether the objects of a kind are read, and so need not be counted here.
 */
export async function readBesides(iam: Iam, isRead: (kind: BesideKind) => boolean): Promise<Part> {
  if (besideKinds.every(isRead)) return (account) => ({ ...account, besides: [] });
  const answers = await unlessNone(iam.tryList('GetAccountSummary', {}));
  const summary = 'refused' in answers ? undefined : answers[0]?.SummaryMap;
  const count = isRead('oidc-provider') && isRead('saml-provider') ? 0 : summary?.['Providers'];
  const [oidc, saml] = await readProviders(iam, answers, count);
  return (account) => ({
    ...account,
    besides: [oidc, saml, instanceProfiles(account, summary?.['InstanceProfiles'], answers)].filter(
      ({ kind }) => !isRead(kind),
    ),
  });
}

async function readProviders(
  iam: Iam,
  answers: readonly unknown[] | Refused,
  count: number | undefined,
): Promise<readonly [oidc: Beside, saml: Beside]> {
  if (count === 0) return [counted('oidc-provider', []), counted('saml-provider', [])];
  if ('refused' in answers && !answers.denied) {
    const unseen = { op: 'GetAccountSummary', denied: false };
    return [
      { kind: 'oidc-provider', unseen },
      { kind: 'saml-provider', unseen },
    ];
  }
  return await together(
    iam,
    async () =>
      providersOf(
        'ListOpenIDConnectProviders',
        await unlessNone(iam.tryList('ListOpenIDConnectProviders', {})),
      ),
    async () => providersOf('ListSAMLProviders', await unlessNone(iam.tryList('ListSAMLProviders', {}))),
  );
}

/** An answer that is none is as good as a refusal: nothing of a plan rests on what is looked at here. */
async function unlessNone<T>(answer: Promise<T>): Promise<T | Refused> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof RollcallError) || error.cause !== undefined) throw error;
    return { refused: error, denied: false };
  }
}

const counted = (kind: BesideKind, names: readonly string[]): Beside => ({
  kind,
  count: names.length,
  names,
});

type ProviderList = 'ListOpenIDConnectProviders' | 'ListSAMLProviders';

function providersOf(op: ProviderList, answers: readonly OutputOf<ProviderList>[] | Refused): Beside {
  const kind = op === 'ListSAMLProviders' ? 'saml-provider' : 'oidc-provider';
  if ('refused' in answers) return { kind, unseen: { op, denied: answers.denied } };
  const arns = answers.flatMap((answer): readonly { readonly Arn?: string | undefined }[] =>
    'SAMLProviderList' in answer
      ? (answer.SAMLProviderList ?? [])
      : 'OpenIDConnectProviderList' in answer
        ? (answer.OpenIDConnectProviderList ?? [])
        : [],
  );
  return counted(kind, arns.map(({ Arn = '' }) => Arn.slice(Arn.indexOf('/') + 1)).sort(byText));
}

/** Of a profile without a role the account's details do not tell. */
function instanceProfiles(
  { roles }: AccountState,
  count: number | undefined,
  answers: readonly unknown[] | Refused,
): Beside {
  const kind = 'instance-profile';
  if (count === undefined)
    return { kind, unseen: { op: 'GetAccountSummary', denied: 'refused' in answers && answers.denied } };
  const names = [...new Set([...roles.values()].flatMap((role) => role.instanceProfiles ?? []))].sort(byText);
  return { kind, count: Math.max(count, names.length), names };
}

/** What these reads need, beside the account's details. */
export const besideReads = {
  GetAccountSummary: 'account',
  ListOpenIDConnectProviders: 'account',
  ListSAMLProviders: 'account',
} as const;
