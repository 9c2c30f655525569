/** Whom a trust policy names. Source: IAM User Guide, "AWS JSON policy elements: Principal". */
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { issuerOf, uniqueId } from '../../core/policy-grammar/trust.ts';
import { statementsOf } from '../../core/policy-language.ts';
import type { AccountState, PolicyDocument } from '../../core/state.ts';
import { texts } from '../statement.ts';

/** The account that a role is in. */
export type Place = Pick<AccountState, 'account' | 'partition'>;

export type Named =
  | { readonly type: 'anybody' }
  | { readonly type: 'account'; readonly account: string }
  | { readonly type: 'user'; readonly account: string; readonly name: string; readonly arn: string }
  | { readonly type: 'role'; readonly account: string; readonly name: string; readonly arn: string }
  | {
      readonly type: 'assumed-role';
      readonly account: string;
      /** Of the role, which has no path here. */
      readonly name: string;
      readonly session: string;
      readonly arn: string;
    }
  /** What AWS shows for a user or role that was deleted. */
  | { readonly type: 'orphan'; readonly id: string }
  | { readonly type: 'service'; readonly service: string }
  /** `arn` is null for the issuers that AWS knows without a provider, such as `accounts.google.com`. */
  | { readonly type: 'oidc'; readonly issuer: string; readonly arn: string | null }
  | { readonly type: 'saml'; readonly account: string; readonly name: string; readonly arn: string }
  | { readonly type: 'canonical' | 'federated' | 'unknown'; readonly text: string };

/** Somebody who is named, and what is said of them. */
type TrustPrincipal = Named & {
  readonly effect: 'Allow' | 'Deny';
  readonly conditional: boolean;
  /** Position of the statement. */
  readonly statement: number;
};

function readPrincipal(type: string, text: string): Named {
  if (type === 'Service') return { type: 'service', service: text };
  if (type === 'Federated') return readFederated(text);
  if (type === 'CanonicalUser') return { type: 'canonical', text };
  return type === 'AWS' ? readAws(text) : { type: 'unknown', text };
}

function readAws(text: string): Named {
  if (text === '*') return { type: 'anybody' };
  const [, account] = /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(text) ?? [];
  if (account !== undefined && (text === account || text.endsWith(':root')))
    return { type: 'account', account };
  if (uniqueId.test(text)) return { type: 'orphan', id: text };
  const [, owner, kind, name] = /^arn:[^:]+:iam::(\d{12}):(user|role)\/(?:.*\/)?([^/]+)$/.exec(text) ?? [];
  if (owner !== undefined) return { type: kind, account: owner, name, arn: text } as Named;
  const [, of, role, session] = /^arn:[^:]+:sts::(\d{12}):assumed-role\/([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (of !== undefined)
    return { type: 'assumed-role', account: of, name: role!, session: session!, arn: text };
  return { type: /:federated-user\//.test(text) ? 'federated' : 'unknown', text };
}

function readFederated(text: string): Named {
  const [, account, name] = /^arn:[^:]+:iam::(\d{12}):saml-provider\/(.+)$/.exec(text) ?? [];
  if (account !== undefined) return { type: 'saml', account, name: name!, arn: text };
  return { type: 'oidc', issuer: issuerOf(text), arn: text.startsWith('arn:') ? text : null };
}

/** Everybody whom a trust names, in the order of the document. `NotPrincipal` of an Allow is anybody. */
export function principalsIn(document: PolicyDocument): TrustPrincipal[] {
  return statementsOf(document).flatMap((statement, index): TrustPrincipal[] => {
    if (!isObject(statement)) return [];
    const { Effect: effect } = statement;
    if (effect !== 'Allow' && effect !== 'Deny') return [];
    const conditional = isObject(statement['Condition'] ?? null) && !isEmpty(statement['Condition']);
    return namedIn(statement).map((named) => ({ ...named, effect, conditional, statement: index }));
  });
}

export const isEmpty = (condition: Json | undefined): boolean =>
  condition === undefined || (isObject(condition) && Object.keys(condition).length === 0);

/** Whom one statement is about. */
export function namedIn(statement: JsonObject): Named[] {
  const { Principal: principal } = statement;
  if (principal === undefined) return statement['NotPrincipal'] === undefined ? [] : [{ type: 'anybody' }];
  if (!isObject(principal)) return (texts(principal) ?? []).map(readAws);
  return Object.entries(principal).flatMap(([type, value]) =>
    (texts(value) ?? []).map((text) => readPrincipal(type, text)),
  );
}

/**
 * The ids that AWS put where a principal was deleted, in the order of the document. A user or role that is made again
 * under the name is not meant by them, so the trust must be written again (IAM User Guide, "AWS JSON policy elements:
 * Principal").
 */
export const orphansIn = (document: PolicyDocument): string[] => [
  ...new Set(
    principalsIn(document).flatMap((principal) => (principal.type === 'orphan' ? [principal.id] : [])),
  ),
];

/** A document without some `AWS` principals; statements that then name nobody go. */
export function withoutNamed(document: PolicyDocument, goes: (text: string) => boolean): PolicyDocument {
  const isGoing = (item: Json): boolean => typeof item === 'string' && goes(item);
  const statements = statementsOf(document).flatMap((statement): Json[] => {
    const principal = isObject(statement) ? statement['Principal'] : undefined;
    if (!isObject(statement) || !isObject(principal ?? null)) return [statement];
    const { AWS: aws, ...others } = principal as JsonObject;
    const all = aws === undefined ? [] : Array.isArray(aws) ? (aws as readonly Json[]) : [aws];
    const kept = all.filter((item) => !isGoing(item));
    if (kept.length === all.length) return [statement];
    if (kept.length === 0 && Object.keys(others).length === 0) return [];
    const AWS = kept.length === 0 ? {} : { AWS: kept.length === 1 ? kept[0]! : kept };
    return [{ ...statement, Principal: { ...AWS, ...others } }];
  });
  const isSame =
    statements.length === statementsOf(document).length &&
    statements.every((statement, index) => statement === statementsOf(document)[index]);
  return isSame ? document : { ...document, Statement: statements };
}

/** A document with some `AWS` principals called otherwise; the same object where there are none of them. */
export function withRenamed(document: PolicyDocument, names: ReadonlyMap<string, string>): PolicyDocument {
  let changed = false;
  const renamed = (item: Json): Json => {
    const to = typeof item === 'string' ? names.get(item) : undefined;
    changed ||= to !== undefined;
    return to ?? item;
  };
  const statements = statementsOf(document).map((statement): Json => {
    const principal = isObject(statement) ? statement['Principal'] : undefined;
    if (!isObject(statement) || !isObject(principal ?? null)) return statement;
    const { AWS: aws, ...others } = principal as JsonObject;
    if (aws === undefined) return statement;
    const AWS = Array.isArray(aws) ? (aws as readonly Json[]).map(renamed) : renamed(aws);
    return { ...statement, Principal: { AWS, ...others } };
  });
  return changed ? { ...document, Statement: statements } : document;
}

export const withoutOrphans = (document: PolicyDocument): PolicyDocument =>
  withoutNamed(document, (text) => uniqueId.test(text));
