import * as t from '@sinclair/typebox/type';
import type { ObjectOptions, Static, TProperties } from '@sinclair/typebox/type';
import { constant, list, map, object, oneOf, orNull } from '../../core/schema.ts';

/**
 * The records of an account, in memory and in the sandbox's file. A record on which a handler would fail is damage,
 * which is reported when the file is opened.
 */

/** Can be sent: not half a character. */
const wellFormed = { format: 'well-formed' };
const text = t.String(wellFormed);
const flag = t.Boolean();
const number = t.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });
/** ISO 8601, to the second. */
const time = t.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$', format: 'date-time' });
const status = oneOf(['Active', 'Inactive']);
export type KeyStatus = Static<typeof status>;

/** Further fields come from another version and are ignored. */
const record = <P extends TProperties>(fields: P, options: ObjectOptions = {}) =>
  object(fields, { ...options, additionalProperties: true });

const tag = record({ key: text, value: text });
export type TagRecord = Static<typeof tag>;

const holder = {
  id: text,
  name: text,
  path: text,
  createdAt: time,
  /** Inline policies: name → document as it was sent. */
  policies: map(text, { propertyNames: wellFormed }),
  /** ARNs of attached managed policies, in the order in which they were attached. */
  attached: list(text),
};
const group = record(holder);
/** What users, groups and roles have in common. */
export type HolderRecord = Static<typeof group>;
export type GroupRecord = HolderRecord;

/** What users and roles have beside that. */
const principal = { ...holder, tags: list(tag), boundary: orNull(text) };

const login = record({
  createdAt: time,
  changedAt: time,
  resetRequired: flag,
  /** scrypt of the password, which cannot be reversed. */
  salt: text,
  hash: text,
});
export type LoginRecord = Static<typeof login>;

const user = record({
  ...principal,
  /** Ids of groups. */
  groups: list(text),
  passwordLastUsed: orNull(time),
  login: orNull(login),
});
export type UserRecord = Static<typeof user>;

const role = record({
  ...principal,
  /** With unique ids for the account's users and roles (trust.ts). */
  trust: text,
  description: orNull(text),
  maxSession: number,
  /** Not in files of earlier versions. */
  lastUsed: t.Optional(orNull(record({ at: time, region: text }))),
});
export type RoleRecord = Static<typeof role>;

const version = record({
  /** `v1`, `v2`, … */
  id: t.String({ pattern: '^v\\d{1,9}$' }),
  document: text,
  createdAt: time,
});
export type VersionRecord = Static<typeof version>;

const policy = record({
  id: text,
  name: text,
  path: text,
  arn: text,
  description: orNull(text),
  createdAt: time,
  updatedAt: time,
  tags: list(tag),
  /** Oldest first. */
  versions: list(version),
  defaultVersion: text,
  /** Number of the next version; numbers are never used again. */
  nextVersion: number,
});
/** A customer managed policy. */
export type PolicyRecord = Static<typeof policy>;

const accessKey = record({
  id: text,
  userId: text,
  status,
  createdAt: time,
  changedAt: time,
  lastUsed: orNull(record({ at: time, service: text, region: text })),
});
/** An access key without its secret, which is in memory only. */
export type AccessKeyRecord = Static<typeof accessKey>;

const mfaDevice = record({
  /** Serial number: an ARN for virtual devices. */
  id: text,
  name: text,
  virtual: flag,
  createdAt: time,
  tags: list(tag),
  /** Empty while unassigned. */
  userId: text,
  enabledAt: orNull(time),
});
export type MfaRecord = Static<typeof mfaDevice>;

const uploaded = record({
  id: text,
  userId: text,
  /** As it was uploaded. */
  body: text,
  fingerprint: text,
  status,
  uploadedAt: time,
});
export type CertificateRecord = Static<typeof uploaded>;
export type SshKeyRecord = Static<typeof uploaded>;

const serviceCredential = record({
  id: text,
  userId: text,
  service: text,
  /** User name (CodeCommit, Keyspaces) or alias (API keys of Bedrock, CloudWatch Logs). */
  login: text,
  apiKey: flag,
  status,
  createdAt: time,
  expiresAt: orNull(time),
});
export type ServiceCredentialRecord = Static<typeof serviceCredential>;

const passwordPolicy = record({
  minimumLength: number,
  requireSymbols: flag,
  requireNumbers: flag,
  requireUppercase: flag,
  requireLowercase: flag,
  allowChange: flag,
  maxAge: orNull(number),
  reusePrevention: orNull(number),
  hardExpiry: flag,
});
export type PasswordPolicyRecord = Static<typeof passwordPolicy>;

const provider = { id: text, createdAt: time, tags: list(tag) };

const oidcProvider = record({
  /** With the ARN as its id. */
  ...provider,
  /** Host and path. */
  address: text,
  clients: list(text),
  thumbprints: list(text),
});
export type OidcProviderRecord = Static<typeof oidcProvider>;

const samlProvider = record({
  /** With the ARN as its id. */
  ...provider,
  uuid: text,
  metadata: text,
  encryption: orNull(oneOf(['Required', 'Allowed'])),
  /** Ids of private keys, of which nothing else is kept. */
  keys: list(record({ id: text, createdAt: time })),
});
export type SamlProviderRecord = Static<typeof samlProvider>;

const instanceProfile = record({
  id: text,
  name: text,
  path: text,
  createdAt: time,
  tags: list(tag),
  /** Empty while there is no role in it. */
  roleId: text,
});
export type InstanceProfileRecord = Static<typeof instanceProfile>;

const serverCertificate = record({
  id: text,
  name: text,
  path: text,
  createdAt: time,
  tags: list(tag),
  /** As they were uploaded; the private key is not kept. */
  body: text,
  chain: orNull(text),
});
export type ServerCertificateRecord = Static<typeof serverCertificate>;

const report = record({ requestedAt: time, generatedAt: time, csv: text });
export type ReportRecord = Static<typeof report>;

const account = record({
  id: constant('account'),
  createdAt: time,
  alias: orNull(text),
  passwordPolicy: orNull(passwordPolicy),
  report: orNull(report),
});
/** The account's own settings: one record, with the id `account`. */
export type AccountRecord = Static<typeof account>;

/** All tables, with the schema of their records. */
export const records = {
  users: user,
  groups: group,
  roles: role,
  policies: policy,
  accessKeys: accessKey,
  mfaDevices: mfaDevice,
  certificates: uploaded,
  sshKeys: uploaded,
  serviceCredentials: serviceCredential,
  oidcProviders: oidcProvider,
  samlProviders: samlProvider,
  instanceProfiles: instanceProfile,
  serverCertificates: serverCertificate,
  account,
  /** Ids of deleted access keys. Without them such a key would count as one that was not made here, and work. */
  retiredKeys: record({ id: text }),
  /** Ids of what deleted service-linked roles. */
  deletionTasks: record({ id: text }),
};
export type Label = keyof typeof records;
export type RecordOf<L extends Label> = Static<(typeof records)[L]>;
