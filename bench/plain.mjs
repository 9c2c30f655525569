// A plain script that reads manifests and an account, and says which objects differ: what the planner's CPU is compared
// with (bench/run.mjs). It makes the same calls with the same SDK and the same YAML reader, and no more than that:
// it knows no wrong input, no order, no rails, and no effect of a policy.
//
// node bench/plain.mjs MANIFESTS ENDPOINT
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  GenerateCredentialReportCommand,
  GetAccountAuthorizationDetailsCommand,
  GetCredentialReportCommand,
  GetLoginProfileCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { parse } from 'yaml';

const [dir, endpoint] = process.argv.slice(2);
const client = { endpoint, region: 'us-east-1' };
const iam = new IAMClient(client);
const { Account } = await new STSClient(client).send(new GetCallerIdentityCommand({}));

const wanted = { users: {}, groups: {}, policies: {} };
for (const file of readdirSync(dir)) {
  const content = parse(readFileSync(join(dir, file), 'utf8'));
  if (content.account !== undefined && content.account !== Account) throw new Error('wrong account');
  for (const kind of Object.keys(wanted)) Object.assign(wanted[kind], content[kind]);
}

async function pages(read) {
  const all = [];
  let Marker;
  do {
    const page = await iam.send(read({ Marker }));
    all.push(page);
    Marker = page.Marker;
  } while (Marker);
  return all;
}

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const decoded = (document) => JSON.parse(decodeURIComponent(document));
const inline = (list = []) =>
  Object.fromEntries(
    list.map(({ PolicyName, PolicyDocument }) => [PolicyName, meaning(decoded(PolicyDocument))]),
  );
const arns = (list = []) => list.map(({ PolicyArn }) => PolicyArn).sort(byText);

const listed = (value) => (Array.isArray(value) ? value : [value]);
/** Documents say one thing in two ways: one or a list of one, and with the version or without. */
const meaning = ({ Version = '2012-10-17', Statement }) => ({
  Version,
  Statement: listed(Statement).map((one) =>
    Object.fromEntries(
      Object.entries(one).map(([key, value]) => [
        key,
        key === 'Action' || key === 'Resource' ? [...listed(value)].sort(byText) : value,
      ]),
    ),
  ),
});

const [details] = await Promise.all([
  pages(
    (from) =>
      new GetAccountAuthorizationDetailsCommand({
        Filter: ['User', 'Group', 'LocalManagedPolicy', 'Role'],
        MaxItems: 1000,
        ...from,
      }),
  ),
  iam.send(new GenerateCredentialReportCommand({})),
  pages((from) => new ListServiceSpecificCredentialsCommand({ AllUsers: true, MaxItems: 1000, ...from })),
]);
let report;
while (!report) {
  report = await iam.send(new GetCredentialReportCommand({})).catch((error) => {
    if (!/Report(NotReady|InProgress)/.test(error.name)) throw error;
  });
  if (!report) await new Promise((done) => setTimeout(done, 2000));
}
const rows = new Map(
  Buffer.from(report.Content)
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','))
    .map((cells) => [cells[0], cells]),
);

const live = { users: {}, groups: {}, policies: {} };
for (const page of details) {
  for (const user of page.UserDetailList ?? []) {
    live.users[user.UserName] = {
      path: user.Path,
      tags: Object.fromEntries((user.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
      groups: [...(user.GroupList ?? [])].sort(byText),
      attach: arns(user.AttachedManagedPolicies),
      policies: inline(user.UserPolicyList),
      boundary: user.PermissionsBoundary?.PermissionsBoundaryArn,
      hasKeys: rows.get(user.UserName)?.slice(8).includes('true') ?? false,
    };
  }
  for (const group of page.GroupDetailList ?? []) {
    live.groups[group.GroupName] = {
      path: group.Path,
      attach: arns(group.AttachedManagedPolicies),
      policies: inline(group.GroupPolicyList),
    };
  }
  for (const policy of page.Policies ?? []) {
    live.policies[policy.PolicyName] = {
      path: policy.Path,
      document: meaning(
        decoded(policy.PolicyVersionList.find(({ IsDefaultVersion }) => IsDefaultVersion).Document),
      ),
    };
  }
}

const toArn = (name) =>
  name.startsWith('aws:')
    ? `arn:aws:iam::aws:policy/${name.slice(4)}`
    : `arn:aws:iam::${Account}:policy/${name}`;
const documents = (policies = {}) =>
  Object.fromEntries(Object.entries(policies).map(([name, document]) => [name, meaning(document)]));
const asLive = {
  users: (user) => ({
    path: user.path ?? '/',
    tags: user.tags ?? {},
    groups: [...(user.groups ?? [])].sort(byText),
    attach: (user.attach ?? []).map(toArn).sort(byText),
    policies: documents(user.policies),
    boundary: user.boundary,
    hasKeys: false,
  }),
  groups: (group) => ({
    path: group.path ?? '/',
    attach: (group.attach ?? []).map(toArn).sort(),
    policies: documents(group.policies),
  }),
  policies: (policy) => ({ path: policy.path ?? '/', document: meaning(policy.document) }),
};

const differences = [];
for (const kind of Object.keys(wanted)) {
  for (const name of new Set([...Object.keys(live[kind]), ...Object.keys(wanted[kind])])) {
    const [is, want] = [live[kind][name], wanted[kind][name]];
    if (!want) differences.push(`delete ${kind} ${name}`);
    else if (!is) differences.push(`create ${kind} ${name}`);
    else if (!isDeepStrictEqual(is, asLive[kind](want))) differences.push(`change ${kind} ${name}`);
  }
}

// Whoever leaves loses credentials, too.
const leavers = Object.keys(live.users).filter((name) => !wanted.users[name]);
const next = leavers.values();
const lists = [
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  ListSigningCertificatesCommand,
  ListSSHPublicKeysCommand,
  ListServiceSpecificCredentialsCommand,
];
await Promise.all(
  Array.from({ length: 10 }, async () => {
    for (const UserName of next) {
      const profile = await iam.send(new GetLoginProfileCommand({ UserName })).catch((error) => {
        if (error.name !== 'NoSuchEntityException') throw error;
      });
      if (profile) differences.push(`delete password of ${UserName}`);
      for (const List of lists) {
        const found = (await pages((from) => new List({ UserName, ...from }))).flatMap((page) =>
          Object.values(page).filter(Array.isArray).flat(),
        );
        for (const _ of found) differences.push(`delete ${List.name} of ${UserName}`);
      }
    }
  }),
);
console.log(differences.join('\n'));
