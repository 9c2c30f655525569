import { loadManifests } from '../../src/manifest/index.ts';
import { withFiles, type Files } from '../manifest/support.ts';
import { prototypesAreClean } from './support.ts';

/** Loading gives a state or errors, never both, never neither, and never throws. */
export async function load(files: Files): Promise<{ errors: string[]; users: string[] }> {
  return await withFiles(files, async (dir) => {
    const { desired, diagnostics } = await loadManifests(dir, { now: new Date('2027-01-01T00:00:00Z') });
    const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    if ((desired === null) !== errors.length > 0) throw new Error('neither a state nor an error, or both');
    if (!prototypesAreClean()) throw new Error('a prototype was changed');
    return { errors, users: [...(desired?.state.users.keys() ?? [])] };
  });
}
