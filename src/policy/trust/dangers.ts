/** What in a trust nobody should overlook. */
import { byText, isObject, stableJson, type JsonObject } from '../../core/json.ts';
import { claimOf, limitsOf } from '../../core/policy-grammar/trust.ts';
import { statementsOf } from '../../core/policy-language.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { partsOf, type Parts } from '../describe.ts';
import { namedIn, type Named, type Place } from './principals.ts';

/** In words: `src/kinds/danger-words.ts`. */
export type TrustDanger =
  /** Whoever has an identity of AWS, in whatever account. */
  | { readonly code: 'trusts-everybody'; readonly conditions: Parts['conditions'] }
  /** Another account, or somebody in it. */
  | {
      readonly code: 'trusts-account';
      readonly account: string;
      /** Null: everybody whom that account lets. */
      readonly who: string | null;
      /** Whether an `sts:ExternalId` or an organization is asked for, as AWS recommends for accounts of others. */
      readonly guarded: boolean;
    }
  /** Everybody who has a token of an issuer that many organizations share. */
  | { readonly code: 'trusts-every-token'; readonly issuer: string; readonly claim: string }
  /** A pattern of subjects that leaves open whose repository it is, or which of an organisation. */
  | { readonly code: 'trusts-every-repository'; readonly subject: string }
  | { readonly code: 'trusts-organisation'; readonly organisation: string; readonly subject: string }
  | { readonly code: 'trusts-unknown-provider'; readonly arn: string }
  /** An identity provider in place of others: another URL vouches for whoever comes in. */
  | { readonly code: 'trusts-other-provider'; readonly provider: string; readonly before: readonly string[] }
  /** A response that was made for somebody else is taken too. */
  | { readonly code: 'trusts-every-audience'; readonly provider: string };

/** The worst first. */
const order: readonly TrustDanger['code'][] = [
  'trusts-everybody',
  'trusts-every-token',
  'trusts-every-repository',
  'trusts-organisation',
  'trusts-account',
  'trusts-unknown-provider',
  'trusts-other-provider',
  'trusts-every-audience',
];

interface Known extends Place {
  /** ARNs of identity providers that are declared or there; absent: nobody looked. */
  readonly providers?: ReadonlySet<string>;
}

/** The dangers that a trust brings and the one before it did not have, the worst first. Null: there was none. */
export function trustDangers(
  before: PolicyDocument | null,
  after: PolicyDocument,
  known: Known,
): TrustDanger[] {
  const had = new Set(before ? dangersIn(before, known).map(stableJson) : []);
  const all = [...dangersIn(after, known), ...(before ? otherProviders(before, after) : [])];
  const found = new Map(all.map((danger) => [stableJson(danger), danger]));
  return [...found]
    .filter(([key]) => !had.has(key))
    .map(([, danger]) => danger)
    .sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
}

/** Issuers, and names of SAML providers, that a trust lets in. */
const providersOf = (document: PolicyDocument): ReadonlySet<string> =>
  new Set(
    statementsOf(document).flatMap((statement) =>
      isObject(statement) && statement['Effect'] === 'Allow'
        ? namedIn(statement).flatMap((named) =>
            named.type === 'oidc' ? [named.issuer] : named.type === 'saml' ? [named.name] : [],
          )
        : [],
    ),
  );

function otherProviders(before: PolicyDocument, after: PolicyDocument): TrustDanger[] {
  const [was, is] = [providersOf(before), providersOf(after)];
  const gone = [...was].filter((one) => !is.has(one)).sort(byText);
  if (gone.length === 0) return [];
  return [...is]
    .filter((one) => !was.has(one))
    .map((provider) => ({ code: 'trusts-other-provider', provider, before: gone }));
}

const dangersIn = (document: PolicyDocument, known: Known): TrustDanger[] =>
  statementsOf(document).flatMap((statement) =>
    isObject(statement) && statement['Effect'] === 'Allow'
      ? namedIn(statement).flatMap((named) => dangersOf(named, statement, known))
      : [],
  );

function dangersOf(named: Named, statement: JsonObject, known: Known): TrustDanger[] {
  if (named.type === 'anybody')
    return [{ code: 'trusts-everybody', conditions: partsOf(statement).conditions }];
  if (named.type === 'oidc')
    return [...unknownProvider(named.arn, known), ...issuerDangers(named.issuer, statement)];
  if (named.type === 'saml')
    return [
      ...unknownProvider(named.arn, known),
      ...(limitsOf(statement['Condition'], 'SAML:aud').length === 0
        ? [{ code: 'trusts-every-audience' as const, provider: named.name }]
        : []),
    ];
  if (!('account' in named) || named.account === known.account) return [];
  const who = 'arn' in named ? named.arn : null;
  return [{ code: 'trusts-account', account: named.account, who, guarded: isGuarded(statement) }];
}

const unknownProvider = (arn: string | null, { providers }: Known): TrustDanger[] =>
  arn === null || !providers || providers.has(arn) ? [] : [{ code: 'trusts-unknown-provider', arn }];

const isGuarded = ({ Condition: condition }: JsonObject): boolean =>
  ['sts:ExternalId', 'aws:PrincipalOrgID', 'aws:PrincipalOrgPaths'].some(
    (key) => limitsOf(condition, key).length > 0,
  );

const github = 'token.actions.githubusercontent.com';
/** Claims that say which repository it is without the subject (AWS, January 2026). */
const repositoryClaims = ['repository', 'repository_id', 'job_workflow_ref'];

function issuerDangers(issuer: string, { Condition: condition }: JsonObject): TrustDanger[] {
  const claim = claimOf(issuer);
  if (claim === undefined) return [];
  const limits = limitsOf(condition, claim);
  if (limits.length === 0) return [{ code: 'trusts-every-token', issuer, claim }];
  if (issuer !== github) return [];
  const isNarrowed = repositoryClaims.some((name) =>
    limitsOf(condition, `${github}:${name}`).some(
      ({ values, like }) => !like || values.every((value) => !/[*?]/.test(value)),
    ),
  );
  if (isNarrowed) return [];
  // Of several conditions all must hold, so the least of them counts.
  const each = limits.map(({ values, like }) => (like ? values.flatMap(subjectDanger) : []));
  return each.some((found) => found.length === 0) ? [] : each[0]!;
}

/**
 * What a pattern of subjects leaves open: `repo:acme/*` is every repository of acme, and `repo:acme*` of whoever's name
 * begins so. Either form: `repo:acme/web:…` and, of repositories made since July 2026, `repo:acme@123/web@456:…`.
 */
function subjectDanger(subject: string): TrustDanger[] {
  const [plain = '', ...wild] = subject.split(/[*?]/);
  if (wild.length === 0) return [];
  // Subjects can be made to begin with something else, of which nothing is known.
  if (!plain.startsWith('repo:'))
    return 'repo:'.startsWith(plain) ? [{ code: 'trusts-every-repository', subject }] : [];
  const [, owner = '', rest] = /^repo:([^/]*)(\/.*)?$/s.exec(subject) ?? [];
  if (rest === undefined || /[*?]/.test(owner)) return [{ code: 'trusts-every-repository', subject }];
  const repository = rest.slice(1).split(':')[0]!;
  return /[*?]/.test(repository)
    ? [{ code: 'trusts-organisation', organisation: owner.replace(/@\d+$/, ''), subject }]
    : [];
}
