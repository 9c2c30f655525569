import { describe, expect, test } from 'vitest';
import { Reader } from '../../src/access/compare.ts';
import { isAdministrator } from '../../src/access/dangers.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { allow, deny, doc } from '../policy/documents.ts';

const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': true } } };
const all = doc(allow('*'));

/** What somebody may do who holds these policies. */
const access = (grants: readonly PolicyDocument[], boundary: PolicyDocument | null = null) =>
  new Reader<string>(new Set(['aws:username'])).read({
    grants: grants.map((document, at) => ({ document, origin: `policy ${at + 1}` })),
    boundary: boundary && { document: boundary, origin: 'boundary' },
  });

describe('who is an administrator', () => {
  const quarantine = doc(deny(['iam:AttachUserPolicy', 'iam:PutUserPolicy', 'iam:CreateAccessKey']));
  test.each<[string, readonly PolicyDocument[], PolicyDocument | null]>([
    ['AdministratorAccess', [all], null],
    ['with a Deny of something else', [all, doc(deny('s3:DeleteBucket'))], null],
    ['with a Deny of some of IAM, as of a quarantine', [all, quarantine], null],
    ['with a Deny under conditions', [all, doc(deny('*', '*', mfa))], null],
    [
      'as a sum of two policies',
      [doc({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }), doc(allow('iam:*'))],
      null,
    ],
    [
      'on everything but something, and on that',
      [
        doc({ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::x' }),
        doc(allow('s3:*', 'arn:aws:s3:::x'), allow('*', 'arn:aws:s3:::x')),
      ],
      null,
    ],
    ['beside an administrator under conditions', [doc(allow('*', '*', mfa)), all], null],
    ['within a boundary of everything', [all], all],
    ['within a boundary that denies something', [all], doc(allow('*'), deny('s3:*'))],
  ])('is: %s', (_, grants, boundary) => {
    expect(isAdministrator(access(grants, boundary))).toBe(true);
  });

  test.each<[string, readonly PolicyDocument[], PolicyDocument | null]>([
    ['nobody', [], null],
    ['denied all', [all, doc(deny('*'))], null],
    ['denied IAM', [all, doc(deny('iam:*'))], null],
    [
      'denied all but looking',
      [all, doc({ Effect: 'Deny', NotAction: ['iam:Get*', 'iam:List*'], Resource: '*' })],
      null,
    ],
    [
      'denied IAM by two',
      [all, doc({ Effect: 'Deny', Action: 'iam:*', NotResource: 'x' }), doc(deny('*', 'x'))],
      null,
    ],
    ['within a boundary', [all], doc(allow('s3:*'))],
    ['within a boundary that denies IAM', [all], doc(allow('*'), deny('iam:*'))],
    ['within a boundary under conditions', [all], doc(allow('*', '*', mfa))],
    ['of a boundary alone', [], all],
    ['all but IAM', [doc({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' })], null],
    ['under conditions', [doc(allow('*', '*', mfa))], null],
    [
      'under a variable that may have no value',
      [doc(allow('*', '*'), deny('*', '*')), doc(allow('*', ['*', '${aws:PrincipalTag/x}']))],
      null,
    ],
    ['on some resources', [doc(allow('*', 'arn:aws:s3:::*'))], null],
    ['IAM only', [doc(allow('iam:*'))], null],
    ['for a principal', [doc({ ...allow('*'), Principal: '*' })], null],
    ['what cannot be read', [doc({ ...allow('*'), Foo: 'bar' })], null],
  ])('is not: %s', (_, grants, boundary) => {
    expect(isAdministrator(access(grants, boundary))).toBe(false);
  });
});
