/**
 * References: how data names an object or a part of one, such as `user:dale` and `user:dale/groups/admins`. Made and read
 * here and nowhere else. A name may hold `/`, `:` and `%`: they are percent-encoded.
 */
export type Ref = string;

// A plan makes and reads tens of thousands, and hardly any has something to encode.
const encode = (name: string): string =>
  /[%/:]/.test(name) ? name.replaceAll('%', '%25').replaceAll('/', '%2F').replaceAll(':', '%3A') : name;
const decode = (text: string): string =>
  text.includes('%') ? text.replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%25', '%') : text;

export const objectRef = (kind: string, name: string): Ref => `${kind}:${encode(name)}`;

/** A part of an object, by the aspect and what identifies the part within it: `user:dale/policies/houdini`. */
export const partRef = (object: Ref, ...part: readonly string[]): Ref =>
  [object, ...part.map(encode)].join('/');

interface ParsedRef {
  readonly kind: string;
  readonly name: string;
  /** Empty for the object itself. */
  readonly part: readonly string[];
}

export function parseRef(ref: Ref): ParsedRef {
  const colon = ref.indexOf(':');
  const [name = '', ...part] = ref
    .slice(colon + 1)
    .split('/')
    .map(decode);
  return { kind: ref.slice(0, colon), name, part };
}

/** The object that a reference names, or names a part of. */
export const objectOf = (ref: Ref): Ref => {
  const { kind, name } = parseRef(ref);
  return objectRef(kind, name);
};

export const membershipRef = (user: string, group: string): Ref =>
  partRef(objectRef('user', user), 'groups', group);
/** The same membership where a group's `members` declare it. */
export const memberRef = (group: string, user: string): Ref =>
  partRef(objectRef('group', group), 'members', user);
export const inlineRef = (identity: Ref, policy: string): Ref => partRef(identity, 'policies', policy);
export const attachmentRef = (identity: Ref, arn: string): Ref => partRef(identity, 'attach', arn);
export const accessKeyRef = (user: string, id: string): Ref =>
  partRef(objectRef('user', user), 'access-keys', id);
/** Where `removed` of the manifests names an object. */
export const removedRef = (kind: string, name: string): Ref => partRef(objectRef(kind, name), 'removed');
/** The name, while an object that will be called otherwise still has it. */
export const takenNameRef = (object: Ref): Ref => partRef(object, 'name');
/** A role's place in an instance profile. */
export const profileRoleRef = (profile: string, role: string): Ref =>
  partRef(objectRef('instance-profile', profile), 'role', role);
/** Where trusts name somebody who leaves: gone before what keeps them out goes. */
export const namedRef = (principal: Ref): Ref => partRef(principal, 'named');
/** What keeps somebody out who leaves, until they are gone. */
export const shutOutRef = (principal: Ref): Ref => partRef(principal, 'shut-out');
export const passwordRef = (user: string): Ref => partRef(objectRef('user', user), 'password');

/**
 * A managed policy by its ARN, AWS's own among them. A policy that moves to another path is there under two: so it is
 * not the declared object, whose reference has the name.
 */
export const policyArnRef = (arn: string): Ref => objectRef('policy-arn', arn);

/** What a managed policy says; as what a step makes, once the plan has changed it. */
export const documentRef = (arn: string): Ref => partRef(policyArnRef(arn), 'document');

/** The object of a reference as texts name it: `user ben`. */
export function labelOf(ref: Ref): string {
  const { kind, name } = parseRef(ref);
  return `${kind} ${name}`;
}
