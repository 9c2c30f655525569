/**
 * Who may assume which role: users and roles of the account by the trust and, where it trusts the account, by their own
 * policies too; and whom a trust names besides.
 *
 * Sources: AWS STS API Reference, "AssumeRole"; IAM User Guide, "AWS JSON policy elements: Principal" and "Policy
 * evaluation logic": whom the trust of a role of the same account names needs no policy of their own, and no Deny, of
 * theirs or of their boundary; a role that it names must have it within its boundary. Whoever comes in through the account
 * needs an Allow of their own.
 */
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { statementsOf } from '../core/policy-language.ts';
import { objectRef, partRef, type Ref } from '../core/references.ts';
import type { AccountState, PolicyDocument, Role } from '../core/state.ts';
import { namedIn, type Named } from '../policy/trust/principals.ts';
import { accessOf, ask, type Access, type Answer, type Deciding, type Part, type Question } from './ask.ts';
import type { Holdings } from './compare.ts';
import { principalOf, principalsIn, type Origin } from './principals.ts';
import { remember } from './remember.ts';
import { principalArn } from './trust.ts';

/** How somebody of the account may assume a role. */
export interface Assumption {
  readonly principal: Ref;
  readonly role: Ref;
  /** `name`: the trust names them, or everybody. `account`: it trusts the account, and their policies let them. */
  readonly by: 'name' | 'account';
  /** False: conditions, or policies that nobody has read, may keep them out. */
  readonly certain: boolean;
  /** The statements of the trust that let them in. */
  readonly trust: readonly Deciding[];
  /** Those of it that may keep them out. */
  readonly denies: readonly Json[];
  /** The Allows of their own, where they need any. */
  readonly allows: readonly Part[];
}

/** Somebody else whom a trust lets in. */
export interface Outsider {
  readonly role: Ref;
  readonly named: Named;
  readonly certain: boolean;
  readonly trust: readonly Deciding[];
  readonly denies: readonly Json[];
}

/** How others are called. */
export interface OutsiderName {
  /** As of `Named`. */
  readonly type: string;
  /** Account id, ARN, domain or issuer; empty: anybody. */
  readonly name: string;
  /** Of an identity provider: of whom it tells. */
  readonly subject?: string;
}

/** What a statement of a trust is to somebody. */
type Match = 'itself' | 'account' | null;

/** A statement that says nothing of anybody, in the place of one that is about others. */
const aside: JsonObject = { Effect: 'Deny', Action: 'none:null', Resource: '*' };

/** As a statement of somebody's own policies: they are who it is about. */
function ofIdentity(statement: JsonObject): JsonObject {
  const { Principal: _principal, NotPrincipal: except, ...rest } = statement;
  // Everybody but some: what that comes to is not looked at.
  return except === undefined
    ? { ...rest, Resource: '*' }
    : { Effect: statement['Effect']!, NotPrincipal: except, Unread: true };
}

const documents = new WeakMap<PolicyDocument, Map<string, PolicyDocument>>();

const deniesTo = (trust: PolicyDocument, matches: readonly Match[]): Json[] =>
  statementsOf(trust).filter((one, at) => isObject(one) && one['Effect'] === 'Deny' && matches[at] !== null);

/** What a trust says to somebody, by how each of its statements is about them: the same document for all alike. */
function saidTo(
  trust: PolicyDocument,
  matches: readonly Match[],
  allowing: Exclude<Match, null>,
): PolicyDocument {
  return remember(documents, trust, `${allowing} ${matches.join()}`, () => ({
    ...(trust['Version'] === undefined ? {} : { Version: trust['Version'] }),
    Statement: statementsOf(trust).map((statement, at): Json => {
      const match = matches[at]!;
      const is =
        isObject(statement) && (statement['Effect'] === 'Deny' ? match !== null : match === allowing);
      return is ? ofIdentity(statement) : aside;
    }),
  }));
}

const withoutAllows = new WeakMap<PolicyDocument, Map<null, PolicyDocument>>();

/** A document without what it allows. */
const denialsOf = (document: PolicyDocument): PolicyDocument =>
  remember(withoutAllows, document, null, () => ({
    ...document,
    Statement: statementsOf(document).map((one) =>
      isObject(one) && one['Effect'] === 'Allow' ? aside : one,
    ),
  }));

const isIn = ({ decision }: Answer): boolean => decision !== 'explicitDeny' && decision !== 'implicitDeny';
const isSure = ({ decision }: Answer): boolean => decision === 'allowed';
const allowsOf = ({ parts }: Answer): Deciding[] => [...new Set(parts.map(({ allow }) => allow))];

const assuming = 'sts:AssumeRole';
const anyRole: Question = { action: assuming, resource: '*', context: new Map() };

export class Assumptions {
  readonly #state: AccountState;
  readonly #access = new Map<Ref, Access>();
  readonly #questions = new Map<string, Question>();
  readonly #found = new Map<Ref, readonly Assumption[]>();
  readonly #tries = new Map<Ref, boolean>();
  /** Roles whose trust names somebody by ARN, and those that are open to everybody or to the account. */
  readonly #naming = new Map<string, Role[]>();
  readonly #anybody: Role[] = [];
  readonly #open: Role[] = [];

  constructor(state: AccountState) {
    this.#state = state;
    for (const role of state.roles.values()) {
      const named = statementsOf(role.trust).flatMap((one) => (isObject(one) ? namedIn(one) : []));
      if (named.some(({ type }) => type === 'anybody')) this.#anybody.push(role);
      if (named.some((one) => one.type === 'account' && one.account === state.account)) this.#open.push(role);
      const arns = named.flatMap((one) => ('arn' in one && one.arn !== null ? [one.arn] : []));
      for (const arn of new Set(arns)) this.#naming.set(arn, [...(this.#naming.get(arn) ?? []), role]);
    }
  }

  /** Whether a trust names them by themselves. */
  isNamed(principal: Ref): boolean {
    return this.#naming.has(principalArn(this.#state, principal));
  }

  /** Whether there is any role that they might assume, so that others need not be looked at. */
  mayTry(principal: Ref): boolean {
    return (
      this.#anybody.length > 0 || this.isNamed(principal) || (this.#open.length > 0 && this.#asks(principal))
    );
  }

  /** Whether their own policies let them assume any role. */
  #asks(principal: Ref): boolean {
    const known = this.#tries.get(principal);
    if (known !== undefined) return known;
    const found = isIn(ask(this.#accessOf(principal), anyRole));
    this.#tries.set(principal, found);
    return found;
  }

  /** The roles that a user or role of the account may assume, by name. */
  rolesOf(principal: Ref): readonly Assumption[] {
    const known = this.#found.get(principal);
    if (known) return known;
    const arn = principalArn(this.#state, principal);
    const byAccount = this.#open.length > 0 && this.#asks(principal) ? this.#open : [];
    const roles = [...new Set([...(this.#naming.get(arn) ?? []), ...this.#anybody, ...byAccount])].sort(
      (a, b) => (a.name < b.name ? -1 : 1),
    );
    const found = roles.flatMap((role) => this.between(principal, role) ?? []);
    this.#found.set(principal, found);
    return found;
  }

  /** Users and roles of the account who may assume a role. */
  of(role: Role): Assumption[] {
    return principalsIn(this.#state).flatMap((principal) => this.between(principal, role) ?? []);
  }

  /** How a user or role may assume a role; null: not at all. */
  between(principal: Ref, role: Role): Assumption | null {
    const ref = objectRef('role', role.name);
    // That a role can make new sessions of itself gives it nothing.
    if (principal === ref) return null;
    const matches = this.#matches(role.trust, principalArn(this.#state, principal));
    const allows = new Set(
      statementsOf(role.trust).map((one, at) => isObject(one) && one['Effect'] === 'Allow' && matches[at]),
    );
    const direct = allows.has('itself') ? this.#byName(principal, role, matches) : null;
    if (direct?.certain || !allows.has('account')) return direct;
    const through = this.#byAccount(principal, role, matches);
    return through?.certain ? through : (direct ?? through);
  }

  #byName(principal: Ref, role: Role, matches: readonly Match[]): Assumption | null {
    const access = this.#accessOf(principal);
    const { grants, boundary } = access.holdings;
    const isBounded = !('groups' in principalOf(this.#state, principal)!);
    const kept = [...grants, ...(boundary && !isBounded ? [boundary] : [])].map(({ document, origin }) => ({
      document: denialsOf(document),
      origin,
    }));
    const holdings: Holdings<Origin> = {
      grants: [trustSource(role, saidTo(role.trust, matches, 'itself')), ...kept],
      boundary: isBounded ? boundary : null,
    };
    const answer = ask({ ...access, holdings }, this.#question(role));
    return isIn(answer) ? assumption(principal, role, matches, 'name', isSure(answer), answer, []) : null;
  }

  #byAccount(principal: Ref, role: Role, matches: readonly Match[]): Assumption | null {
    if (!this.#asks(principal)) return null;
    const access = this.#accessOf(principal);
    const own = ask(access, this.#question(role));
    if (!isIn(own)) return null;
    const holdings = {
      grants: [trustSource(role, saidTo(role.trust, matches, 'account'))],
      boundary: null,
    };
    const answer = ask({ ...access, holdings }, this.#question(role));
    if (!isIn(answer)) return null;
    return assumption(principal, role, matches, 'account', isSure(own) && isSure(answer), answer, own.parts);
  }

  /** Whom the trust of a role lets in who is no user or role of the account. */
  outsidersOf(role: Role): Outsider[] {
    const found = new Map<string, Outsider>();
    for (const statement of statementsOf(role.trust)) {
      if (!isObject(statement) || statement['Effect'] !== 'Allow') continue;
      for (const named of namedIn(statement)) {
        const key = JSON.stringify(named);
        if (found.has(key) || !this.#isOutside(named)) continue;
        const outsider = this.#outsider(role, named);
        if (outsider) found.set(key, outsider);
      }
    }
    return [...found.values()];
  }

  #outsider(role: Role, named: Named): Outsider | null {
    const action =
      named.type === 'oidc'
        ? `${assuming}WithWebIdentity`
        : named.type === 'saml'
          ? `${assuming}WithSAML`
          : assuming;
    const wanted = JSON.stringify(named);
    const matches = statementsOf(role.trust).map((one): Match => {
      if (!isObject(one)) return null;
      const isAbout = namedIn(one).some(
        (other) => JSON.stringify(other) === wanted || (other.type === 'anybody' && one['Effect'] === 'Deny'),
      );
      return isAbout ? 'itself' : null;
    });
    const holdings = { grants: [trustSource(role, saidTo(role.trust, matches, 'itself'))], boundary: null };
    const context = { values: new Map<string, readonly string[]>(), complete: [] };
    const question = { action, resource: role.arn, context: new Map<string, readonly string[]>() };
    const answer = ask({ holdings, context }, question);
    if (!isIn(answer)) return null;
    const ref = objectRef('role', role.name);
    const denies = deniesTo(role.trust, matches);
    return { role: ref, named, certain: isSure(answer), trust: allowsOf(answer), denies };
  }

  /** Who was deleted is nobody, and the account itself is told of by its users and roles. */
  #isOutside(named: Named): boolean {
    if (named.type === 'orphan') return false;
    if (named.type === 'assumed-role') return true;
    return !('account' in named) || named.type === 'saml' || named.account !== this.#state.account;
  }

  #matches(trust: PolicyDocument, arn: string): readonly Match[] {
    const { account } = this.#state;
    return statementsOf(trust).map((statement): Match => {
      if (!isObject(statement)) return null;
      const named = namedIn(statement);
      if (named.some((one) => one.type === 'anybody' || ('arn' in one && one.arn === arn))) return 'itself';
      return named.some((one) => one.type === 'account' && one.account === account) ? 'account' : null;
    });
  }

  #accessOf(principal: Ref): Access {
    const access = this.#access.get(principal) ?? accessOf(this.#state, principal)!;
    this.#access.set(principal, access);
    return access;
  }

  /** The same one each time, so that what is found out about it is found out once. */
  #question({ arn }: Role): Question {
    const question = this.#questions.get(arn) ?? { action: assuming, resource: arn, context: new Map() };
    this.#questions.set(arn, question);
    return question;
  }

  /**
   * All roles that a user or role comes to, one after another, each by the shortest way, the first of them first. What
   * trusts in a circle ends where it began.
   */
  waysOf(principal: Ref): (readonly Assumption[])[] {
    const seen = new Set<Ref>([principal]);
    const ways: (readonly Assumption[])[] = [];
    let ends: (readonly Assumption[])[] = [[]];
    while (ends.length > 0) {
      const next: (readonly Assumption[])[] = [];
      // Of two ways of one length the sure one comes first.
      const steps = ends
        .flatMap((way) => this.rolesOf(way.at(-1)?.role ?? principal).map((step) => [...way, step]))
        .sort((a, b) => Number(isCertain(b)) - Number(isCertain(a)));
      for (const way of steps) {
        const { role } = way.at(-1)!;
        if (seen.has(role)) continue;
        seen.add(role);
        next.push(way);
      }
      ways.push(...next);
      ends = next;
    }
    return ways;
  }
}

export const isCertain = (way: readonly Assumption[]): boolean => way.every(({ certain }) => certain);

const trustSource = ({ name }: Role, document: PolicyDocument) => {
  const role = objectRef('role', name);
  return {
    document,
    origin: { policy: { inline: 'trust' }, refs: [partRef(role, 'trust')], through: [role] },
  };
};

const assumption = (
  principal: Ref,
  { name, trust }: Role,
  matches: readonly Match[],
  by: Assumption['by'],
  certain: boolean,
  answer: Answer,
  allows: readonly Part[],
): Assumption => ({
  principal,
  role: objectRef('role', name),
  by,
  certain,
  trust: allowsOf(answer),
  denies: deniesTo(trust, matches),
  allows,
});

export function outsiderOf({ named }: Outsider): OutsiderName {
  const { type } = named;
  const name =
    'service' in named
      ? named.service
      : 'issuer' in named
        ? named.issuer
        : type === 'saml'
          ? named.name
          : 'arn' in named
            ? named.arn
            : 'account' in named
              ? named.account
              : 'text' in named
                ? named.text
                : '';
  return { type, name };
}
