import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifests, scratch, stage, write } from '../support/cli.ts';

/** Who outside of AWS vouches for people and programs, and what hands roles to instances. */

const github = 'token.actions.githubusercontent.com';
const arn = `arn:aws:iam::123456789012:oidc-provider/${github}`;
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
});
