import { expect, test } from 'vitest';
import { live } from '../../src/kinds/policy/live.ts';

test('a policy that an emulator tells without its name and path has those of its ARN', () => {
  const Document = encodeURIComponent('{"Statement": []}');
  const Arn = 'arn:aws:iam::123456789012:policy/team/x/read-reports';
  const PolicyVersionList = [{ VersionId: 'v1', IsDefaultVersion: true, Document }];
  const policies = live.details!.of({ $metadata: {}, Policies: [{ Arn, PolicyVersionList }] });
  expect(policies).toMatchObject([{ name: 'read-reports', path: '/team/x/', arn: Arn }]);
});
