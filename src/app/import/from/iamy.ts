import { byText } from '../../../core/json.ts';
import { attachmentRef, labelOf, membershipRef } from '../../../core/references.ts';
import type { Ref } from '../../../core/references.ts';
import type { Identity, PolicyDocument, Tags } from '../../../core/state.ts';
import { entriesOf, field, itemsOf, place, textOf } from '../../../core/tree.ts';
import type { Node } from '../../../core/tree.ts';
import { Gathering, theAccount } from './reading.ts';
import type { Foreign, ForeignFile, Setting } from './reading.ts';

/** `ALIAS-ACCOUNT/iam/user/PATH/NAME.yaml`, without `iam` in older versions. Source: github.com/99designs/iamy. */
const layout =
  /(?:^|\/)(?:(?:[\w-]*-)?(\d{12})\/)?(?:iam\/)?(user|group|policy|role|instance-profile|s3)(\/(?:.*\/)?)([^/]+)\.ya?ml$/;

interface Found {
  readonly account: string | undefined;
  readonly what: string;
  /** IAM's. */
  readonly path: string;
  readonly name: string;
  readonly root: Node;
}

/** Reads what `iamy pull` has written. @throws RollcallError if it is not clear of which account. */
export function readIamy(files: readonly ForeignFile[], { account: wanted, partition }: Setting): Foreign {
  const found: Found[] = [];
  const strange: Node[] = [];
  for (const { name: file, root } of files) {
    const match = layout.exec(file);
    if (match) {
      const [, account, what = '', path = '/', name = ''] = match;
      found.push({ account, what, path, name, root });
    } else strange.push(root);
  }
  const accounts = found.flatMap((one) => one.account ?? []);
  const all = new Gathering(theAccount(accounts, wanted), partition);
  for (const root of strange) all.leave(root, 'no file of iamy: its name tells no user, group or policy');
  for (const one of found) if ((one.account ?? all.account) === all.account) readers[one.what]!(all, one);
  return all.foreign();
}

const notManaged = (all: Gathering, { what, name, root }: Found): void =>
  all.leave(
    root,
    `${what === 's3' ? 'bucket policy of' : what.replace('-', ' ')} ${name}: not managed by rollcall`,
  );

/** By the folder that iamy has for it. */
const readers: Readonly<Record<string, (all: Gathering, found: Found) => void>> = {
  user: readUser,
  group: readGroup,
  policy: readPolicy,
  role: notManaged,
  s3: notManaged,
  'instance-profile': notManaged,
};

function readUser(all: Gathering, { name, path, root }: Found): void {
  const ref = all.begin('user', name, root);
  if (ref === null) return;
  const groups: string[] = [];
  for (const item of itemsOf(field(root, 'Groups')?.value)) {
    const group = textOf(item);
    if (group === undefined) continue;
    all.places.set(membershipRef(name, group), place(item));
    groups.push(group);
  }
  const tags = readTags(all, ref, root);
  all.users.set(name, { ...readIdentity(all, ref, { name, path }, root), tags, groups, boundary: null });
  all.leaveOthers(root, ref, ['Groups', 'InlinePolicies', 'Policies', 'Tags']);
}

function readGroup(all: Gathering, { name, path, root }: Found): void {
  const ref = all.begin('group', name, root);
  if (ref === null) return;
  all.groups.set(name, readIdentity(all, ref, { name, path }, root));
  all.leaveOthers(root, ref, ['InlinePolicies', 'Policies']);
}

function readPolicy(all: Gathering, { name, path, root }: Found): void {
  const ref = all.begin('policy', name, root);
  if (ref === null) return;
  const document = all.document(field(root, 'Policy')?.value, root, labelOf(ref));
  if (!document) return;
  const description = all.text(root, 'Description', ref);
  all.addPolicy({
    name,
    path,
    document,
    ...(description === undefined ? {} : { description }),
    ...(field(root, 'Tags') ? { tags: readTags(all, ref, root) } : {}),
  });
  all.leaveOthers(root, ref, ['Policy', 'Description', 'Tags']);
}

function readIdentity(
  all: Gathering,
  ref: Ref,
  named: Pick<Identity, 'name' | 'path'>,
  root: Node,
): Identity {
  const policies: [string, PolicyDocument][] = [];
  for (const item of itemsOf(field(root, 'InlinePolicies')?.value)) {
    const name = all.text(item, 'Name', ref) ?? '';
    const document = all.document(
      field(item, 'Policy')?.value,
      item,
      `${labelOf(ref)}: inline policy ${name}`,
    );
    if (document) policies.push([name, document]);
  }
  const attachedPolicyArns: string[] = [];
  for (const item of itemsOf(field(root, 'Policies')?.value)) {
    const policy = textOf(item);
    if (policy === undefined) continue;
    // A name is one of the account's own policies, behind its path.
    const arn = policy.startsWith('arn:') ? policy : all.policyArn('/', policy);
    all.places.set(attachmentRef(ref, arn), place(item));
    attachedPolicyArns.push(arn);
  }
  return {
    ...named,
    policies: Object.fromEntries(policies),
    attachedPolicyArns: attachedPolicyArns.sort(byText),
  };
}

function readTags(all: Gathering, ref: Ref, root: Node): Tags {
  const found: [string, string][] = [];
  for (const { key, value } of entriesOf(field(root, 'Tags')?.value)) {
    if (value.kind === 'scalar') found.push([key, textOf(value) ?? value.written]);
    else all.leave(value, `${labelOf(ref)}: the tag ${key} is no text`);
  }
  return Object.fromEntries(found);
}
