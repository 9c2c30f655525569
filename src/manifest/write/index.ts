/** Manifests written from what an account has, so that they say exactly that. */
export { brief, fileName, readsWell } from './documents.ts';
export {
  fileFor,
  inChunks,
  nestedSections,
  layouts,
  numbered,
  renderFile,
  schemaFile,
  schemaLine,
  wayUp,
  type Layout,
} from './layout.ts';
export { ignoredLines, manageLines, renderSettings, type Ignored } from './settings.ts';
export { flow, scalar, yamlEntry } from './yaml.ts';
