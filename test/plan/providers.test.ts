import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifests, scratch, stage, write } from '../support/cli.ts';

/** Who outside of AWS vouches for people and programs, and what hands roles to instances. */

const github = 'token.actions.githubusercontent.com';
const arn = `arn:aws:iam::123456789012:oidc-provider/${github}`;
const yamlOf = (sections: object): string =>
  Object.entries({ users: { ada: {} }, ...sections })
    .map(([section, value]) => `${section}: ${JSON.stringify(value)}\n`)
    .join('');
const web = `web: { trust: [{ service: ec2.amazonaws.com }], instanceProfile: true }`;

describe('providers and profiles', () => {
  test('are made, told as drift, changed and removed, and left alone where no file asks for them', async () => {
    const { rollcall, sandbox } = await stage();
    sandbox.call('CreateInstanceProfile', { InstanceProfileName: 'of-others' });
    const dir = manifests(`
manage: declared
identityProviders: { oidc: { ${github}: { audiences: [sts.amazonaws.com], tags: { team: x } } } }
roles: { ${web} }
instanceProfiles: { second: { role: web, path: /x/, tags: { a: b } } }
`);
    expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0 });
    expect((await rollcall('plan', dir)).stdout).toContain(
      'Looked at: 1 role, 2 instance profiles, 1 OIDC provider as declared; 1 instance profile ignored or not managed',
    );
    sandbox.call('AddClientIDToOpenIDConnectProvider', {
      OpenIDConnectProviderArn: arn,
      ClientID: 'evil',
    });
    const drift = await rollcall('drift', dir);
    expect(drift.stdout).toContain(`oidc-provider ${github} has the audience evil, which is in no file`);

    const others = manifests(`
manage: declared
removed: { identityProviders: { oidc: [${github}] }, instanceProfiles: [second] }
roles: { ${web} }
`);
    const plan = await rollcall('plan', others);
    expect(plan.stdout).toContain(`- oidc-provider ${github}: delete`);
    expect(plan.stdout).toContain('- instance-profile second: delete');
    expect(plan.stdout).toContain('instances that have it lose the role web at once');
    sandbox.clearJournal();
    expect(await rollcall('apply', others, '--yes')).toMatchObject({ code: 0 });
    const writes = sandbox.journal.map(({ op }) => op).filter((op) => /^(?:Delete|Remove)/.test(op));
    const removals = writes.filter((op) => !op.includes('Policy'));
    expect(removals.toSorted()).toEqual([
      'DeleteInstanceProfile',
      'DeleteOpenIDConnectProvider',
      'RemoveRoleFromInstanceProfile',
    ]);
    expect(removals.indexOf('RemoveRoleFromInstanceProfile')).toBeLessThan(
      removals.indexOf('DeleteInstanceProfile'),
    );
  });

  const trusting = (name: string, more: object = {}): object => ({
    [name]: {
      trust: {
        Statement: {
          Effect: 'Allow',
          Principal: { Federated: arn },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: {
              [`${github}:sub`]: 'repo:acme/web:ref:refs/heads/main',
              [`${github}:aud`]: 'sts.amazonaws.com',
            },
          },
        },
      },
      ...more,
    },
  });
  const policy = (Action: string): object => ({ Statement: { Effect: 'Allow', Action, Resource: '*' } });
  const provider = { oidc: { [github]: { audiences: ['sts.amazonaws.com'] } } };
  /** What is called on the way from one to the other, each with the inline policy that it is about. */
  async function callsBetween(before: object, after: object): Promise<string[]> {
    const { rollcall, sandbox } = await stage();
    expect(await rollcall('apply', manifests(yamlOf(before)), '--yes')).toMatchObject({ code: 0 });
    sandbox.clearJournal();
    expect(await rollcall('apply', manifests(yamlOf(after)), '--yes')).toMatchObject({ code: 0 });
    return sandbox.journal.map(({ op, params }) => [op, params['PolicyName']].join(' ').trim());
  }

  test('where roles trust one that is not there, making it opens them: it waits for what narrows', async () => {
    const some = { policies: { some: policy('s3:ListAllMyBuckets') } };
    const calls = await callsBetween(
      { roles: trusting('deploy', { policies: { much: policy('s3:*') } }) },
      { identityProviders: provider, roles: { ...trusting('deploy', some), ...trusting('second', some) } },
    );
    expect(calls).toContain('DeleteRolePolicy much');
    expect(calls.indexOf('CreateOpenIDConnectProvider')).toBeGreaterThan(
      calls.indexOf('DeleteRolePolicy much'),
    );
  });

  test('a further audience waits for what narrows, too, and for what narrows behind the role', async () => {
    const both = (audiences: string[], action: string): object => ({
      identityProviders: { oidc: { [github]: { audiences } } },
      roles: {
        ...trusting('deploy', { policies: { on: policy('sts:AssumeRole') } }),
        behind: {
          trust: [{ role: 'deploy' }],
          policies: { [action.replace('*', '')]: policy(`s3:${action}`) },
        },
      },
    });
    const calls = await callsBetween(
      both(['sts.amazonaws.com'], 'Get*'),
      both(['other', 'sts.amazonaws.com'], 'GetObject'),
    );
    expect(calls).toContain('DeleteRolePolicy Get');
    expect(calls.indexOf('AddClientIDToOpenIDConnectProvider')).toBeGreaterThan(
      calls.indexOf('DeleteRolePolicy Get'),
    );
  });

  test('and for a trust that lets nobody of it in any more', async () => {
    const policies = { much: policy('s3:*') };
    const calls = await callsBetween(
      { roles: trusting('deploy', { policies }) },
      {
        identityProviders: provider,
        roles: { deploy: { trust: [{ service: 'ec2.amazonaws.com' }], policies } },
      },
    );
    expect(calls).toContain('UpdateAssumeRolePolicy');
    expect(calls.indexOf('CreateOpenIDConnectProvider')).toBeGreaterThan(
      calls.indexOf('UpdateAssumeRolePolicy'),
    );
  });

  test('a trust may name one that is there and that no file declares', async () => {
    const { rollcall, sandbox } = await stage();
    const dir = manifests(yamlOf({ roles: trusting('deploy') }));
    expect((await rollcall('plan', dir)).stdout).toContain(github);
    const warned = await rollcall('plan', dir, '--format', 'json');
    expect(warned.stdout).toContain('trusts-unknown-provider');
    sandbox.call('CreateOpenIDConnectProvider', {
      Url: `https://${github}`,
      ClientIDList: ['sts.amazonaws.com'],
    });
    const there = await rollcall('plan', dir, '--format', 'json');
    expect(there.stdout).not.toContain('trusts-unknown-provider');
  });

  test('the one that the pipeline comes in by is told and never written', async () => {
    const { rollcall, sandbox } = await stage();
    const before = { identityProviders: provider, roles: trusting('rollcall-apply') };
    sandbox.call('CreateOpenIDConnectProvider', { Url: `https://${github}`, ClientIDList: ['other'] });
    sandbox.call('CreateRole', {
      RoleName: 'rollcall-apply',
      AssumeRolePolicyDocument: JSON.stringify((trusting('x') as { x: { trust: object } }).x.trust),
    });
    sandbox.clearJournal();
    const { stdout } = await rollcall('apply', manifests(yamlOf(before)), '--yes');
    expect(stdout).toContain('rollcall itself comes in by it: change it by hand');
    expect(
      sandbox.journal.filter(({ op }) => op.includes('OpenIDConnectProvider') && !/^(?:Get|List)/.test(op)),
    ).toEqual([]);
  });

  test('a URL with a scheme, a query or capitals is refused with what to write', async () => {
    const { rollcall } = await stage();
    for (const [wrong, right] of [
      ['https://a.example.com/x', 'a.example.com/x'],
      ['A.example.com/X', 'a.example.com/X'],
      ['a.example.com?x=1', 'a.example.com'],
    ]) {
      const { stderr } = await rollcall(
        'validate',
        manifests(`identityProviders: { oidc: { '${wrong}': { audiences: [a] } } }\nusers: { a: {} }\n`),
      );
      expect(stderr).toContain(`write ${right}`);
    }
  });

  test('a profile that two declare is an error with both places', async () => {
    const { rollcall } = await stage();
    const { stderr } = await rollcall(
      'validate',
      manifests(`roles: { ${web} }\ninstanceProfiles: { web: { role: web } }\n`),
    );
    expect(stderr).toContain('instance profile "web" is declared twice');
    expect(stderr).toContain('first here');
  });

  test('SAML metadata are read from a file, compared without ends of lines, and told by who signs', async () => {
    const { rollcall, sandbox } = await stage();
    const metadata = (entity: string, rest = ''): string =>
      `<EntityDescriptor entityID="${entity}" ${rest}>\n${'x'.repeat(1000)}\n</EntityDescriptor>\n`;
    const role = `roles: { sso: { trust: { Statement: { Effect: Allow, Principal: { Federated: 'arn:aws:iam::123456789012:saml-provider/okta' }, Action: 'sts:AssumeRoleWithSAML', Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } } } } } }\n`;
    const files = `${role}identityProviders: { saml: { okta: { metadata: ./okta.xml } } }\n`;
    const dir = manifests(files);
    write(dir, { 'okta.xml': metadata('https://okta.example.com') });
    expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0 });
    write(dir, { 'okta.xml': metadata('https://okta.example.com').replaceAll('\n', '  \r\n') });
    expect(await rollcall('plan', dir)).toMatchObject({ code: 0 });
    write(dir, { 'okta.xml': metadata('https://evil.example.com', 'validUntil="2020-01-11T00:00:00Z"') });
    const { stdout } = await rollcall('plan', dir);
    expect(stdout).toContain('metadata: another entity ID');
    expect(stdout).toContain('entity ID https://okta.example.com → https://evil.example.com');
    expect(stdout).toContain('other identity provider');
    expect(stdout).toContain('its metadata ended on 2020-01-11, and nobody gets in by it any more');
    expect(stdout).not.toContain('xxxxxxxxxx');
    expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0 });
    const { SAMLMetadataDocument } = sandbox.call('GetSAMLProvider', {
      SAMLProviderArn: 'arn:aws:iam::123456789012:saml-provider/okta',
    });
    expect(SAMLMetadataDocument).toContain('evil.example.com');
    write(dir, { 'okta.xml': 'none' });
    expect((await rollcall('validate', dir)).stderr).toContain('is no SAML metadata');
    const into = join(scratch(), 'm');
    expect((await rollcall('import', into)).stderr).toContain('The next plan is empty.');
  });

  test('a provider takes tokens for another audience while somebody loses a policy', async () => {
    const { rollcall } = await stage();
    const files = (audiences: string, policies: string): string => `
identityProviders: { oidc: { ${github}: { audiences: [${audiences}] } } }
roles: { web: { trust: [{ github: { repo: acme/web, branch: main } }], policies: ${policies} } }
`;
    const read = '{ read: { Statement: { Effect: Allow, Action: "s3:GetObject", Resource: "*" } } }';
    expect(await rollcall('apply', manifests(files('sts.amazonaws.com', read)), '--yes')).toMatchObject({
      code: 0,
    });
    const plan = await rollcall('plan', manifests(files('sts.amazonaws.com, web', '{}')));
    expect(plan).toMatchObject({ code: 2 });
    expect(plan.stdout).toContain('web');
  });

  test('a role goes that is in a profile of somebody else', async () => {
    const { rollcall, sandbox } = await stage();
    const ec2 = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [ec2] });
    sandbox.call('CreateRole', { RoleName: 'web', AssumeRolePolicyDocument });
    sandbox.call('CreateInstanceProfile', { InstanceProfileName: 'of-others' });
    sandbox.call('AddRoleToInstanceProfile', { InstanceProfileName: 'of-others', RoleName: 'web' });
    const dir = manifests('manage: declared\nremoved: { roles: [web] }\n');
    expect(await rollcall('apply', dir, '--yes', '--override', 'empty-manifest')).toMatchObject({ code: 0 });
    expect(sandbox.call('ListRoles', {}).Roles).toEqual([]);
    expect(sandbox.call('ListInstanceProfiles', {}).InstanceProfiles).toMatchObject([
      { InstanceProfileName: 'of-others', Roles: [] },
    ]);
  });

  test('SAML metadata that had ended and count again let people in, and the other way round', async () => {
    const { rollcall } = await stage();
    const metadata = (rest: string): string =>
      `<EntityDescriptor entityID="https://okta.example.com" ${rest}>\n${'x'.repeat(1000)}\n</EntityDescriptor>\n`;
    const [ended, counts] = [metadata('validUntil="2020-01-11T00:00:00Z"'), metadata('')];
    const dir = manifests(
      `roles: { sso: { trust: [{ saml: okta }], attach: [aws:ReadOnlyAccess] } }\nidentityProviders: { saml: { okta: { metadata: ./okta.xml } } }\n`,
    );
    for (const [now, next, effect] of [
      [ended, counts, 'widens'],
      [counts, ended, 'narrows'],
    ] as const) {
      write(dir, { 'okta.xml': now });
      expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0 });
      write(dir, { 'okta.xml': next });
      const { stdout } = await rollcall('plan', dir, '--format', 'json');
      const { changes } = JSON.parse(stdout) as { changes: { id: string; effect: string }[] };
      expect(changes.map(({ id, effect: is }) => [id, is])).toEqual([
        ['saml-provider:okta/metadata', effect],
      ]);
    }
  });
});
