import { expect, it } from 'vitest';
import { recordErrors } from '../../src/sandbox/iam/compiled.ts';
import type { Label, RecordOf } from '../../src/sandbox/iam/records.ts';

const isRecordOf = (label: Label, value: unknown): boolean => recordErrors[label](value).length === 0;

const time = '2027-01-31T08:00:00Z';
const tags = [{ key: 'team', value: 'partners' }];
const holder = {
  id: 'AIDA1',
  name: 'dale',
  path: '/',
  createdAt: time,
  policies: { p: '{}' },
  attached: ['arn:aws:iam::aws:policy/IAMFullAccess'],
};
const upload = {
  id: 'x',
  userId: 'AIDA1',
  body: 'b',
  fingerprint: 'f',
  status: 'Active',
  uploadedAt: time,
} as const;

/** One record of each table, with every field set. */
const samples: { readonly [L in Label]: RecordOf<L> } = {
  users: {
    ...holder,
    tags,
    boundary: 'arn',
    groups: ['AGPA1'],
    passwordLastUsed: time,
    login: { createdAt: time, changedAt: time, resetRequired: false, salt: 's', hash: 'h' },
  },
  groups: holder,
  roles: { ...holder, tags, boundary: 'arn', trust: '{}', description: 'd', maxSession: 3600 },
  policies: {
    id: 'ANPA1',
    name: 'p',
    path: '/',
    arn: 'arn',
    description: 'd',
    createdAt: time,
    updatedAt: time,
    tags,
    versions: [{ id: 'v1', document: '{}', createdAt: time }],
    defaultVersion: 'v1',
    nextVersion: 2,
  },
  accessKeys: {
    id: 'AKIA1',
    userId: 'AIDA1',
    status: 'Inactive',
    createdAt: time,
    changedAt: time,
    lastUsed: { at: time, service: 'iam', region: 'us-east-1' },
  },
  mfaDevices: { id: 'arn', name: 'n', virtual: true, createdAt: time, tags, userId: '', enabledAt: time },
  certificates: upload,
  sshKeys: upload,
  serviceCredentials: {
    id: 'ACCA1',
    userId: 'AIDA1',
    service: 's',
    login: 'l',
    apiKey: false,
    status: 'Active',
    createdAt: time,
    expiresAt: time,
  },
  oidcProviders: { id: 'arn', createdAt: time, tags, address: 'a', clients: ['c'], thumbprints: ['t'] },
  samlProviders: {
    id: 'arn',
    createdAt: time,
    tags,
    uuid: 'U',
    metadata: '<m/>',
    encryption: 'Required',
    keys: [{ id: 'K', createdAt: time }],
  },
  instanceProfiles: { id: 'AIPA1', name: 'web', path: '/', createdAt: time, tags, roleId: 'AROA1' },
  serverCertificates: {
    id: 'ASCA1',
    name: 'shop',
    path: '/',
    createdAt: time,
    tags,
    body: '-----BEGIN CERTIFICATE-----',
    chain: '-----BEGIN CERTIFICATE-----',
  },
  account: {
    id: 'account',
    createdAt: time,
    alias: 'acme',
    passwordPolicy: {
      minimumLength: 14,
      requireSymbols: true,
      requireNumbers: true,
      requireUppercase: true,
      requireLowercase: true,
      allowChange: true,
      maxAge: 90,
      reusePrevention: 5,
      hardExpiry: false,
    },
    report: { requestedAt: time, generatedAt: time, csv: 'user\n' },
  },
  retiredKeys: { id: 'AKIA2' },
  deletionTasks: { id: 'task/aws-service-role/x/y/z' },
};

/** Copies of a value with one thing in it, at any depth, taken away or put into its place. */
function damaged(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const put = (other: unknown): unknown =>
      Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other };
    const without = Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    return [
      ...(Array.isArray(value) ? [] : [without]),
      // Of no type that a field has, or a text that none may be.
      ...[[[]], 1.5, '\ud800', ...damaged(item)].map(put),
    ];
  });
}

it.each(Object.entries(samples))('knows what a record of %s is like, and what it is not', (label, sample) => {
  expect(isRecordOf(label as Label, sample)).toBe(true);
  // A map of names has no field that must be there.
  const wrong = damaged(sample).filter(
    (one) => JSON.stringify(one) !== JSON.stringify({ ...sample, policies: {} }),
  );
  expect(wrong.length).toBeGreaterThanOrEqual(4);
  expect(wrong.filter((one) => isRecordOf(label as Label, one))).toEqual([]);
});

it.each([
  ['a time of no day', 'users', { createdAt: '2027-13-31T08:00:00Z' }],
  ['a time without its zone', 'users', { createdAt: '2027-01-31T08:00:00' }],
  ['a part of a second', 'users', { createdAt: '2027-01-31T08:00:00.5Z' }],
  ['a status of its own', 'accessKeys', { status: 'active' }],
  ['a number that is none', 'policies', { nextVersion: 2 ** 60 }],
  ['a version without a number', 'policies', { versions: [{ ...samples.policies.versions[0], id: 'v' }] }],
  ['a name of half a character', 'users', { policies: { '\ud800': '{}' } }],
] as const)('does not take %s', (_what, label, change) => {
  expect(isRecordOf(label, { ...samples[label], ...change })).toBe(false);
});

it('does not take what is no record at all', () => {
  for (const other of [null, [], 'users', 7]) expect(isRecordOf('users', other)).toBe(false);
});

it('lets be what another version added', () => {
  expect(isRecordOf('users', { ...samples.users, colour: 'red' })).toBe(true);
  expect(isRecordOf('users', { ...samples.users, passwordLastUsed: null, login: null, boundary: null })).toBe(
    true,
  );
});
