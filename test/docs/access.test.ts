import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, scratch, stage, write } from '../support/cli.ts';

const path = join(import.meta.dirname, '../../docs/access.md');
const console = /^```console\n(\$ [^\n]*\n)[^`]*```$/gm;

/** The words of a command line, in quotes or not. */
const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);

test('docs/access.md shows what its commands print (vitest -u writes it)', async () => {
  const page = readFileSync(path, 'utf8');
  const [, yaml = ''] = /^```yaml\n(.*?)^```$/ms.exec(page) ?? [];
  const cwd = write(scratch(), { 'manifests/people.yaml': yaml });
  const { sandbox, there, env } = await stage();
  const policy = (Statement: object): string => JSON.stringify({ Version: '2012-10-17', Statement });
  const options = { env, cwd, now: new Date('2027-01-05T12:00:00Z') };
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  sandbox.call('CreateRole', { RoleName: 'deploy', AssumeRolePolicyDocument: policy(trust) });
  const allow = {
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:GetObject'],
    Resource: 'arn:aws:s3:::houdini/*',
  };
  sandbox.call('PutRolePolicy', { RoleName: 'deploy', PolicyName: 'put', PolicyDocument: policy(allow) });
  const apply = ['apply', '--yes', '--keys-to', 'keys.txt', '--parallelism', '1', ...there];
  expect(await run(apply, options)).toMatchObject({ code: 0 });

  let made = '';
  let end = 0;
  for (const { 0: block, 1: line = '', index } of page.matchAll(console)) {
    const [, , ...args] = words(line);
    const { code, stdout, stderr } = await run([...args, ...there], options);
    expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' });
    made += `${page.slice(end, index)}\`\`\`console\n${line}${stdout}\`\`\``;
    end = index + block.length;
  }
  expect(end).toBeGreaterThan(0);
  await expect(made + page.slice(end)).toMatchFileSnapshot(path);
});
