import { describe, expect, test } from 'vitest';
import type { Aws } from '../../src/aws/client.ts';
import { sendWhole } from '../../src/aws/commands.ts';
import type { Call, Operation } from '../../src/core/operations.ts';
import { iamOver, readAccount } from '../../src/aws/read.ts';
import { readCredentials } from '../../src/kinds/user/read-credentials.ts';
import { answering, connected } from '../support/answers.ts';

const arn = 'arn:aws:iam::123456789012:policy/reports';
const caller = { account: '123456789012', arn, partition: 'aws' };
const credentials = (aws: Aws): Promise<unknown> => readCredentials(iamOver(aws), 'dale', () => false);
const whole =
  (op: Operation) =>
  (aws: Aws): Promise<unknown> =>
    sendWhole(aws.iam, { op, input: { UserName: 'dale' } } as Call);

/** Every paged read: its operation, who asks, the list in an answer, and one item of it. */
const reads: [
  op: string,
  how: string,
  list: string,
  item: (n: number) => string,
  read: (aws: Aws) => Promise<unknown>,
][] = [
  [
    'GetAccountAuthorizationDetails',
    'read',
    'GroupDetailList',
    (n) => `<GroupName>g${n}</GroupName>`,
    (aws) => readAccount(aws, caller),
  ],
  ...(
    [
      ['ListAccessKeys', 'AccessKeyMetadata', 'AccessKeyId'],
      ['ListMFADevices', 'MFADevices', 'SerialNumber'],
      ['ListSigningCertificates', 'Certificates', 'CertificateId'],
      ['ListSSHPublicKeys', 'SSHPublicKeys', 'SSHPublicKeyId'],
      ['ListServiceSpecificCredentials', 'ServiceSpecificCredentials', 'ServiceSpecificCredentialId'],
    ] as const
  ).flatMap(([op, list, field]): typeof reads => {
    const item = (n: number): string => `<${field}>i${n}</${field}>`;
    return [
      [op, 'read', list, item, credentials],
      [op, 'applied', list, item, whole(op)],
    ];
  }),
];

/** Answers of one operation; of all others, lists without an item. */
async function served(op: string, answer: (n: number) => string): Promise<{ aws: Aws; asked: () => number }> {
  let n = 0;
  const server = await answering((called) => {
    if (called === op) return answer(n++);
    return called === 'GetLoginProfile'
      ? '<LoginProfile><UserName>dale</UserName><CreateDate>2027-01-01T00:00:00Z</CreateDate></LoginProfile>'
      : '<IsTruncated>false</IsTruncated>';
  });
  return { aws: connected(server.url), asked: () => n };
}

const page = (list: string, items: string[], marker?: string): string =>
  `<${list}>${items.map((item) => `<member>${item}</member>`).join('')}</${list}>` +
  (marker === undefined
    ? '<IsTruncated>false</IsTruncated>'
    : `<IsTruncated>true</IsTruncated><Marker>${marker}</Marker>`);

describe.each(reads)('%s, %s', (op, _how, list, item, read) => {
  test('ends with an error where the same marker comes again', async () => {
    const { aws, asked } = await served(op, (n) => page(list, [item(n)], 'same'));
    await expect(read(aws)).rejects.toThrow(`${op}: the answer is incomplete`);
    expect(asked()).toBe(2);
  });

  test('ends with an error where a marker of any earlier page comes again', async () => {
    const { aws, asked } = await served(op, (n) => page(list, [item(n)], `m${n % 3}`));
    await expect(read(aws)).rejects.toThrow(`${op}: the answer is incomplete`);
    expect(asked()).toBe(4);
  });

  test.each([
    ['more is to come and no marker', '<IsTruncated>true</IsTruncated>'],
    ['more is to come and an empty marker', '<IsTruncated>true</IsTruncated><Marker></Marker>'],
    ['a marker and not that more is to come', '<Marker>x</Marker>'],
    ['nothing', ''],
  ])('ends with an error where a later page says %s', async (_, end) => {
    const { aws } = await served(op, (n) => (n === 0 ? page(list, [item(0)], 'next') : end));
    await expect(read(aws)).rejects.toThrow(`${op}: the answer is incomplete`);
  });

  test.each<[string, (n: number) => string[]]>([
    ['empty pages', () => []],
    ['the same page under new markers', () => [item(0)]],
    ['new items', (n) => [item(n)]],
  ])(
    'ends with an error where %s go on and on',
    async (_, items) => {
      const { aws, asked } = await served(op, (n) => page(list, items(n), `m${n}`));
      await expect(read(aws)).rejects.toThrow(`${op}: the list does not end`);
      expect(asked()).toBeLessThan(5100);
    },
    60_000,
  );

  test('reads on over a few pages that are empty, as IAM may answer', async () => {
    const { aws } = await served(op, (n) =>
      n === 5 ? page(list, [item(1)]) : page(list, n === 0 ? [item(0)] : [], `m${n}`),
    );
    const text = JSON.stringify(await read(aws), (_key, value: unknown) =>
      value instanceof Map ? [...value] : value,
    );
    for (const n of [0, 1]) expect(text).toContain(`"${/>(.*)</.exec(item(n))![1]}"`);
  });
});
