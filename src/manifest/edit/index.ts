/** Edits of manifest files that keep every byte which is not theirs. */
export { addItems } from './add-items.ts';
export { addEntries, type NewEntry } from './add.ts';
export {
  documentPaths,
  mentionsOf,
  openManifests,
  renamedFrom,
  userNames,
  type ManifestFile,
  type Mention,
} from './mentions.ts';
export { remove, type Target } from './remove.ts';
export { setFields, type Setting } from './set.ts';
