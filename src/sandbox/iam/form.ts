import { isObject } from '../../core/json.ts';
import type { State } from './state.ts';

/**
 * The form of records, for those that come from a file: what a handler would fail on later is damage, and told when
 * the file is opened.
 */
type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string' && !/\p{Surrogate}/u.test(value);
const flag: Check = (value) => typeof value === 'boolean';
const number: Check = (value) => Number.isSafeInteger(value);
const time: Check = (value) =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) &&
  !Number.isNaN(Date.parse(value));
const status: Check = (value) => value === 'Active' || value === 'Inactive';
const list =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);
const map =
  (item: Check): Check =>
  (value) =>
    isObject(value) && Object.keys(value).every(text) && Object.values(value).every(item);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) &&
    Object.entries(fields).every(([name, check]) => Object.hasOwn(value, name) && check(value[name]));

const tags = list(record({ key: text, value: text }));
const holder = {
  id: text,
  name: text,
  path: text,
  createdAt: time,
  policies: map(text),
  attached: list(text),
};
const version = record({
  id: (value) => typeof value === 'string' && /^v\d{1,9}$/.test(value),
  document: text,
  createdAt: time,
});
const uploaded = { id: text, userId: text, body: text, fingerprint: text, status, uploadedAt: time };

const forms: { readonly [Label in keyof State]: Check } = {
  users: record({
    ...holder,
    tags,
    boundary: orNull(text),
    groups: list(text),
    passwordLastUsed: orNull(time),
    login: orNull(record({ createdAt: time, changedAt: time, resetRequired: flag, salt: text, hash: text })),
  }),
  groups: record(holder),
  roles: record({
    ...holder,
    tags,
    boundary: orNull(text),
    trust: text,
    description: orNull(text),
    maxSession: number,
  }),
  policies: record({
    id: text,
    name: text,
    path: text,
    arn: text,
    description: orNull(text),
    createdAt: time,
    updatedAt: time,
    tags,
    versions: list(version),
    defaultVersion: text,
    nextVersion: number,
  }),
  accessKeys: record({
    id: text,
    userId: text,
    status,
    createdAt: time,
    changedAt: time,
    lastUsed: orNull(record({ at: time, service: text, region: text })),
  }),
  mfaDevices: record({
    id: text,
    name: text,
    virtual: flag,
    createdAt: time,
    tags,
    userId: text,
    enabledAt: orNull(time),
  }),
  certificates: record(uploaded),
  sshKeys: record(uploaded),
  serviceCredentials: record({
    id: text,
    userId: text,
    service: text,
    login: text,
    apiKey: flag,
    status,
    createdAt: time,
    expiresAt: orNull(time),
  }),
  account: record({
    createdAt: time,
    alias: orNull(text),
    passwordPolicy: orNull(
      record({
        minimumLength: number,
        requireSymbols: flag,
        requireNumbers: flag,
        requireUppercase: flag,
        requireLowercase: flag,
        allowChange: flag,
        maxAge: orNull(number),
        reusePrevention: orNull(number),
        hardExpiry: flag,
      }),
    ),
    report: orNull(record({ requestedAt: time, generatedAt: time, csv: text })),
  }),
  retiredKeys: record({ id: text }),
};

export const fitsForm = (label: string, value: unknown): boolean =>
  Object.hasOwn(forms, label) && forms[label as keyof State](value);
