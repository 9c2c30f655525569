/** Trusts that let in fewer: the one between two, the one without somebody, and the one that lets in nobody. */
import { isObject, type Json } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { documentSize, statementsOf } from '../../core/policy-language.ts';
import { uniqueId } from '../../core/policy-grammar/trust.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { hasAllow } from '../compare.ts';
import { globIncludes } from '../glob.ts';
import { intersection } from '../intersection.ts';
import { sameTrust, takenIn } from './compare.ts';
import { isEmpty, withoutNamed, withoutOrphans, type Place } from './principals.ts';

/**
 * Lets in nobody. A role has always a trust, and IAM takes none without statements; where no Allow is, nobody may assume
 * the role (IAM User Guide, "Policy evaluation logic"), and the Deny makes that plain to whoever reads it. The three
 * actions are all that a role is assumed by (AWS STS API Reference), named one by one, because IAM takes each of them in
 * any trust. `"Principal": "*"` of a Deny is everybody, services and identity providers included.
 */
export const nobodyTrust: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'NobodyMayAssumeThisRole',
      Effect: 'Deny',
      Principal: '*',
      Action: ['sts:AssumeRole', 'sts:AssumeRoleWithSAML', 'sts:AssumeRoleWithWebIdentity'],
    },
  ],
};

/** Whether it is that trust, whoever wrote it. */
export const isNobody = (document: PolicyDocument): boolean => sameTrust(document, nobodyTrust);

/**
 * A trust that lets in nobody whom either of two does not let in, and keeps out all whom either keeps out; in force while
 * one is replaced by the other. IAM takes it: ids of the deleted are not in it, and where it would be longer than both it
 * is the one that lets in nobody.
 *
 * @param before as IAM has it.
 */
export function commonTrust(before: PolicyDocument, after: PolicyDocument, place: Place): PolicyDocument {
  const sides = [before, after].map(withoutOrphans) as [PolicyDocument, PolicyDocument];
  const common = intersection(...sides, takenIn(place));
  const most = Math.max(limits.trust, ...sides.map(documentSize));
  return hasAllow(common) && documentSize(common) <= most ? common : nobodyTrust;
}

/** Where a condition knows somebody. */
interface ConditionPlace {
  /** Position of the statement. */
  readonly statement: number;
  readonly operator: string;
  readonly key: string;
  readonly value: string;
}

interface WithoutPrincipal {
  /** The same object where nothing changes. */
  readonly document: PolicyDocument;
  readonly changed: boolean;
  /** Nobody is left who may assume the role. */
  readonly unreachable: boolean;
  /** Ids of others who were deleted before: they went too, as IAM does not take them again. */
  readonly orphans: readonly string[];
  /** Conditions that name the principal: they are as they were. */
  readonly conditions: readonly ConditionPlace[];
}

/**
 * A trust without a principal that is about to be deleted, by its ARN, by its id and, of a role, by its sessions. It is
 * taken out of Denies as well, where an id would stay behind: whoever calls has denied it everything before. Nobody else
 * gains or loses anything.
 */
export function withoutPrincipal(
  document: PolicyDocument,
  { arn, id }: { readonly arn: string; readonly id?: string | undefined },
): WithoutPrincipal {
  const [, owner, role] = /^arn:[^:]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const session = owner === undefined ? null : `:sts::${owner}:assumed-role/${role}/`;
  const isMeant = (text: string): boolean =>
    text === arn || text === id || (session !== null && text.includes(session));
  const conditions = conditionsNaming(document, { arn, id });
  const rest = withoutNamed(document, isMeant);
  if (rest === document) return { document, changed: false, unreachable: false, orphans: [], conditions };
  const orphans: string[] = [];
  const left = withoutNamed(rest, (text) => {
    if (!uniqueId.test(text)) return false;
    orphans.push(text);
    return true;
  });
  const unreachable = !hasAllow(left) && hasAllow(document);
  return {
    document: statementsOf(left).length === 0 || unreachable ? nobodyTrust : left,
    changed: true,
    unreachable,
    orphans: [...new Set(orphans)],
    conditions,
  };
}

/** Conditions that name somebody. Source of their keys: IAM User Guide, "AWS global condition context keys". */
export function conditionsNaming(
  document: PolicyDocument,
  { arn, id }: { readonly arn: string; readonly id?: string | undefined },
): ConditionPlace[] {
  const [, name] = /:user\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const known: { readonly [key: string]: string | undefined } = {
    'aws:principalarn': arn,
    'aws:username': name,
    'aws:userid': id,
  };
  return statementsOf(document).flatMap((statement, index) => {
    const condition = isObject(statement) ? statement['Condition'] : undefined;
    if (!isObject(condition ?? null) || isEmpty(condition)) return [];
    return Object.entries(condition as { readonly [operator: string]: Json }).flatMap(([operator, keys]) =>
      !isObject(keys)
        ? []
        : Object.entries(keys).flatMap(([key, value]) => {
            const mine = known[key.toLowerCase()];
            if (mine === undefined) return [];
            const values = (Array.isArray(value) ? (value as readonly Json[]) : [value]).map(String);
            // A pattern that matches everything names nobody.
            return values
              .filter((text) => !/^[*?]*$/.test(text) && globIncludes(text, mine))
              .map((text) => ({ statement: index, operator, key, value: text }));
          }),
    );
  });
}
