import { expect, test } from 'vitest';
import { manifests, stage } from '../support/cli.ts';

/** A policy's description, which the account's details do not tell, and IAM cannot change. */

const policy = (more: string, description = 'Reads reports'): string =>
  manifests(
    `policies: { reports: { description: ${description}, ${more} document: { Statement: { Effect: Allow, Action: 's3:Get*', Resource: '*' } } } }\n`,
  );

test('is as declared after the apply, and nobody is told otherwise', async () => {
  const { rollcall, sandbox } = await stage();
  for (const more of ['', 'tags: { team: x },']) {
    expect(await rollcall('apply', policy(more), '--yes')).toMatchObject({ code: 0 });
    const { code, stdout } = await rollcall('plan', policy(more));
    expect(code).toBe(0);
    expect(stdout).not.toContain('description');
  }
  expect(sandbox.journal.filter(({ op }) => op === 'GetPolicy').length).toBeGreaterThan(0);
});

test('is told to stay where another is known to be there', async () => {
  const { rollcall } = await stage();
  expect(await rollcall('apply', policy('tags: { team: x },'), '--yes')).toMatchObject({ code: 0 });
  const dir = policy('tags: { team: x },', 'Writes reports');
  expect((await rollcall('plan', dir)).stdout).toContain(
    "policy reports: the description differs, and IAM cannot change a policy's description",
  );
});
