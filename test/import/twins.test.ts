import { expect, test } from 'vitest';
import { emptyState } from '../../src/core/state.ts';
import { groupToManifest } from '../../src/kinds/group/to-manifest.ts';
import type { References } from '../../src/kinds/index.ts';
import { policyToManifest } from '../../src/kinds/policy/to-manifest.ts';
import { userToManifest } from '../../src/kinds/user/to-manifest.ts';
import { aGroup, aPolicy, aUser } from '../support/account.ts';

const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
const policies = { NoDelete: allow, nodelete: allow };
const references: References = {
  live: emptyState('123456789012', 'aws'),
  declared: () => undefined,
  isLeftOut: () => false,
  document: (_file, document) => document,
  text: (file, ending) => `./${file.join('/')}${ending}`,
};

/** IAM has no such account; what stands in for it may. */
test('inline policies that differ only in case cannot be said in a manifest', () => {
  const reason = 'its inline policies "NoDelete" and "nodelete" differ only in case';
  expect(userToManifest(aUser('dale', { policies }), references).reasons).toEqual([reason]);
  expect(groupToManifest(aGroup('admins', { policies }), references).reasons).toEqual([reason]);
});

test('tag keys of a policy that differ only in case are left out, and told', () => {
  const policy = { ...aPolicy('read', allow), tags: { Team: 'a', team: 'b' } };
  const { value, notes } = policyToManifest(policy, references);
  expect(value).not.toHaveProperty('tags');
  expect(notes).toEqual(['its tag "team" cannot be written: its tags are not written']);
});
