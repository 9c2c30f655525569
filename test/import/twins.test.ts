import { expect, test } from 'vitest';
import { groupToManifest, policyToManifest, userToManifest } from '../../src/manifest/write/index.ts';
import type { References } from '../../src/manifest/write/index.ts';
import { aGroup, aPolicy, aUser } from '../support/account.ts';

const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
const policies = { NoDelete: allow, nodelete: allow };
const references: References = { group: (name) => name, policy: (arn) => arn, file: (name) => name };

/** IAM has no such account; what stands in for it may. */
test('inline policies that differ only in case cannot be said in a manifest', () => {
  const reason = 'its inline policies "NoDelete" and "nodelete" differ only in case';
  const noSignIn = { accessKeys: [], console: false };
  expect(userToManifest(aUser('dale', { policies }), noSignIn, references).reasons).toEqual([reason]);
  expect(groupToManifest(aGroup('admins', { policies }), [], references).reasons).toEqual([reason]);
});

test('tag keys of a policy that differ only in case are left out, and told', () => {
  const policy = { ...aPolicy('read', allow), tags: { Team: 'a', team: 'b' } };
  const { value, notes } = policyToManifest(policy, references);
  expect(value).not.toHaveProperty('tags');
  expect(notes).toEqual(['its tag "team" cannot be written: its tags are not written']);
});
