import { chmod, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadManifests } from '../../src/manifest/index.ts';
import { diagnose, load, loadClean, now, withFiles } from './support.ts';
import type { Expected, Files } from './support.ts';

const account = 'account: "123456789012"\n';
const dale = 'users: { dale: {} }\n';

const merging: Record<string, readonly [Files, ...Expected[]]> = {
  'the same user in two files': [
    { 'a.yaml': `${account}users:\n  ◂dale: {}\n`, 'b.yaml': 'users:\n  buzzo: {}\n  ▸dale: {}\n' },
    ['duplicate-name', 'user "dale" is declared twice', 'keep one, with what both say'],
  ],
  'the same group and policy in two files': [
    {
      'a.yaml': `${account}policies: { ◂p: { document: { Statement: { Effect: Deny, Action: "*", Resource: "*" } } } }\ngroups: { ◂g: {} }\n`,
      'b/c.yml':
        'policies: { ▸p: { document: { Statement: { Effect: Deny, Action: "*", Resource: "*" } } } }\ngroups: { ▸g: {} }\n',
    },
    ['duplicate-name', 'policy "p" is declared twice', 'keep one, with what both say'],
    ['duplicate-name', 'group "g" is declared twice', 'keep one, with what both say'],
  ],
  'names that differ in case': [
    { 'a.yaml': `${account}users: { ◂Dale: {} }\n`, 'b.yaml': 'users: { ▸dale: {} }\n' },
    [
      'case-collision',
      'user "dale" and "Dale" differ only in case: for IAM they are the same',
      'keep one, or give one another name',
    ],
  ],
  'two accounts': [
    { 'a.yaml': `◂${account}${dale}`, 'b.yaml': '▸account: "210987654321"\n' },
    ['duplicate-key', '"account" is set twice', 'keep one'],
  ],
  'a setting twice': [
    {
      'a.yaml': `${account}${dale}rails: { maxRemovals: { ◂users: 1 } }\nignore: { ◂users: [x] }\n`,
      'b.yaml': 'rails: { maxRemovals: { ▸users: 2, groups: 1 } }\nignore: { ▸users: [y], groups: [z] }\n',
    },
    ['duplicate-key', '"rails.maxRemovals.users" is set twice', 'keep one'],
    ['duplicate-key', '"ignore.users" is set twice', 'keep one'],
  ],
  'no account': [
    { 'a.yaml': dale },
    [
      'no-account',
      'no file in "DIR" names the account',
      'add account: "123456789012" with the id of the AWS account',
    ],
  ],
  'no files': [
    { 'a.json': '{}', 'node_modules/x.yaml': dale, '.git/x.yaml': dale, '.x.yaml': dale },
    [
      'no-manifests',
      'no *.yaml or *.yml file below "DIR"',
      'name the directory of the manifests with --manifests DIR, or begin one with rollcall init',
    ],
  ],
  'a fleet': [
    {
      'a.yaml': `${account}${dale}`,
      'prod/a.yaml': '▸account: "210987654321"\n',
      'prod/b/users.yaml': dale,
    },
    [
      'fleet',
      'this subdirectory has an account of its own: fleets are not supported yet',
      'name it alone: --manifests prod',
    ],
  ],
  'a fleet without an account of its own': [
    { 'prod/a.yaml': `▸${account}${dale}`, 'test/a.yaml': '▸account: "210987654321"\n' },
    [
      'fleet',
      'this subdirectory has an account of its own: fleets are not supported yet',
      'name it alone: --manifests prod',
    ],
    [
      'fleet',
      'this subdirectory has an account of its own: fleets are not supported yet',
      'name it alone: --manifests test',
    ],
  ],
  'a file that is not UTF-8': [
    { 'a.yaml': `${account}${dale}`, 'b.yaml': Buffer.from([0x61, 0xff, 0xfe]) },
    ['not-utf-8', 'the file is not UTF-8 text', 'save it as UTF-8'],
  ],
  'a file too large': [
    { 'a.yaml': `${account}${dale}`, 'b.yaml': Buffer.alloc(10 * 1024 * 1024, 'a: b\n') },
    [
      'file-too-large',
      'the file has 10485760 bytes; at most 5242880 (5 MiB) are read',
      'split it: all files of the directory are merged',
    ],
  ],
};
const wholeFile = new Set(['a file that is not UTF-8', 'a file too large']);

describe('files', () => {
  it.each(Object.entries(merging).filter(([name]) => !wholeFile.has(name)))(
    '%s',
    async (_, [files, ...expected]) => {
      const { found, wanted } = await diagnose(files, expected);
      expect(found).toEqual(wanted);
    },
  );

  it.each(Object.entries(merging).filter(([name]) => wholeFile.has(name)))(
    '%s',
    async (_, [files, ...expected]) => {
      const { desired, diagnostics } = await load(files);
      expect(desired).toBeNull();
      expect(diagnostics.map(({ code, message, hint }) => [code, message, hint])).toEqual(expected);
      expect(diagnostics[0]?.at).toEqual({ file: 'b.yaml', line: 1, column: 1 });
    },
  );

  it('merges all files of the directory and below, whatever holds what', async () => {
    const { state, ignore, rails } = await loadClean({
      'a.yaml': `${account}rails: { maxRemovals: { users: 1 } }\nignore: { users: [x] }\n`,
      'teams/images.yml':
        'users: { melvins: {} }\nrails: { maxRemovals: { groups: 0 }, minMembers: { g: 1 } }\n',
      'teams/deep/ops.yaml': 'users: { dale: { groups: [g] } }\nignore: { roles: [y] }\n',
      'groups.yaml': 'groups: { g: {} }\n',
      'empty.yaml': '',
      'comment.yaml': '# nothing yet\n',
      'notes.txt': 'users: {',
    });
    expect([...state.users.keys()]).toEqual(['dale', 'melvins']);
    expect(ignore).toEqual({
      users: ['x'],
      groups: [],
      policies: [],
      roles: ['y'],
      instanceProfiles: [],
      'identityProviders.oidc': [],
      'identityProviders.saml': [],
    });
    expect(rails).toEqual({
      maxRemovals: { users: 1, groups: 0 },
      protect: {
        users: [],
        groups: [],
        policies: [],
        roles: [],
        instanceProfiles: [],
        'identityProviders.oidc': [],
        'identityProviders.saml': [],
      },
      minMembers: { g: 1 },
      deny: [],
    });
  });

  it('tells of a directory that is not there, or is none', async () => {
    const { desired, diagnostics } = await loadManifests('no/such/directory', { now });
    expect(desired).toBeNull();
    expect(diagnostics).toEqual([
      {
        severity: 'error',
        code: 'no-directory',
        message: 'cannot read the directory "no/such/directory": there is no such file',
        hint: 'name the directory of the manifests with --manifests DIR, or begin one with rollcall init',
      },
    ]);
    const file = await loadManifests('package.json', { now });
    expect(file.diagnostics[0]?.message).toBe(
      'cannot read the directory "package.json": it is not a directory',
    );
  });

  it('names files as the user would type them', async () => {
    await withFiles({ 'a.yaml': `${account}users: { dale: { path: x } }\n` }, async (dir) => {
      const place = async (name: string): Promise<string | undefined> =>
        (await loadManifests(name, { now })).diagnostics[0]?.at?.file;
      expect(await place(dir)).toBe(join(dir, 'a.yaml'));
      expect(await place(`${dir}/`)).toBe(join(dir, 'a.yaml'));
      const away = relative(process.cwd(), dir);
      expect(await place(away)).toBe(join(away, 'a.yaml'));
    });
    const here = await loadManifests(join(process.cwd(), 'manifests'), { now });
    expect(here.desired?.files).toContain(join('manifests', 'account.yaml'));
    expect((await loadManifests('./manifests/', { now })).desired?.files).toEqual(here.desired?.files);
  });

  it('follows symbolic links within the directory, each file once and no loop twice', async () => {
    await withFiles({ 'root/.files/a.yaml': account, 'root/.files/elsewhere/u.yaml': dale }, async (dir) => {
      const root = join(dir, 'root');
      await symlink(join('.files', 'a.yaml'), join(root, 'a.yaml'));
      await symlink(join('.files', 'a.yaml'), join(root, 'again.yaml'));
      await symlink(join(root, '.files', 'elsewhere'), join(root, 'linked'));
      await symlink(root, join(root, 'loop'));
      await symlink(join(dir, 'nowhere'), join(root, 'broken'));
      await symlink(root, join(dir, 'here'));
      const { desired, diagnostics } = await loadManifests(root, { now });
      expect(diagnostics).toEqual([]);
      expect(desired?.files.map((name) => relative(root, name))).toEqual(['a.yaml', 'linked/u.yaml']);
      // The directory itself may be reached through a link.
      expect((await loadManifests(join(dir, 'here'), { now })).desired?.state.users).toEqual(
        desired?.state.users,
      );
    });
  });

  it('refuses links that lead outside, to a manifest as to a directory, near or far', async () => {
    await withFiles(
      { 'outside/u.yaml': dale, 'root/a.yaml': account, 'root-not/u.yaml': dale },
      async (dir) => {
        const root = join(dir, 'root');
        await symlink(join('..', 'outside', 'u.yaml'), join(root, 'file.yaml'));
        await symlink(join(dir, 'outside'), join(root, 'folder'));
        await symlink(dir, join(root, 'up'));
        await symlink(join(dir, 'root-not'), join(root, 'twin'));
        await symlink('file.yaml', join(root, 'hop.yaml'));
        await symlink(join(dir, 'outside', 'u.yaml'), join(root, 'notes.txt'));
        const { desired, diagnostics } = await loadManifests(root, { now });
        expect(desired).toBeNull();
        expect(diagnostics.map(({ code, at }) => [code, relative(root, at!.file)])).toEqual(
          ['file.yaml', 'folder', 'hop.yaml', 'twin', 'up'].map((name) => ['link-outside', name]),
        );
        expect(diagnostics[0]?.message).toBe(
          'the symbolic link leads outside the directory of the manifests',
        );
      },
    );
  });

  it('tells of files that cannot be read', async () => {
    await withFiles({ 'a.yaml': `${account}${dale}` }, async (dir) => {
      await symlink(join(dir, 'nowhere'), join(dir, 'b.yaml'));
      const { desired, diagnostics } = await loadManifests(dir, { now });
      expect(desired).toBeNull();
      expect(diagnostics).toEqual([
        {
          severity: 'error',
          code: 'unreadable-file',
          message: 'cannot read the file: there is no such file',
          hint: 'mend or remove the symbolic link',
          at: { file: join(dir, 'b.yaml'), line: 1, column: 1 },
        },
      ]);
    });
  });

  it.skipIf(process.getuid?.() === 0)('tells of a file without permission', async () => {
    await withFiles({ 'a.yaml': `${account}${dale}` }, async (dir) => {
      await writeFile(join(dir, 'b.yaml'), '');
      await chmod(join(dir, 'b.yaml'), 0);
      const { diagnostics } = await loadManifests(dir, { now });
      expect(diagnostics.map(({ message }) => message)).toEqual(['cannot read the file: permission denied']);
    });
  });
});

describe('the hash of what was read', () => {
  const files = {
    'a.yaml': `${account}policies: { p: { document: ./p.json } }\n`,
    'p.json': '{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}',
  };
  const hash = async (content: Files): Promise<string> => (await loadClean(content)).hash;

  it('is the same wherever the directory is', async () => {
    expect(await hash(files)).toMatch(/^[0-9a-f]{64}$/);
    expect(await hash(files)).toBe(await hash({ ...files, 'unread.txt': 'x' }));
  });

  it('changes with every file, document and name', async () => {
    const all = await Promise.all([
      hash(files),
      hash({ ...files, 'a.yaml': `${files['a.yaml']}\n` }),
      hash({ ...files, 'p.json': `${files['p.json']}\n` }),
      hash({ 'b.yaml': files['a.yaml'], 'p.json': files['p.json'] }),
      hash({ ...files, 'c.yaml': '' }),
    ]);
    expect(new Set(all).size).toBe(all.length);
  });
});
