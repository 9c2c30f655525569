/** Edits manifest files and keeps every byte that does not belong to the edit. */
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
