import { isObject } from '../../core/json.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { field, toJson } from '../../core/tree.ts';
import type { Node } from '../../core/tree.ts';
import { withVersion } from '../../policy/grammar/index.ts';
import { checkTrust } from '../../policy/trust/index.ts';
import type { ManifestContext } from '../reading/context.ts';
import { documentPath, reportIssues } from '../reading/documents.ts';
import type { Declared } from '../reading/section.ts';
import { readForms } from './read-forms.ts';

/**
 * `trust` of a role: short forms, or a whole document, written there or in a file. Null if it has errors, which are
 * reported.
 */
export function readTrust({ name, value }: Declared, context: ManifestContext): PolicyDocument | null {
  const node = field(value, 'trust')?.value;
  if (!node) return null;
  if (node.kind === 'list') return readForms(name, node, context);
  const path = documentPath(node);
  const root = path === null ? node : context.documents.get(path);
  // The schema reports anything else.
  if (!root || (path === null && root.kind !== 'map')) return null;
  return readWhole(root, context);
}

/** What IAM only refuses where it is written anew, the plan reports: it may stand in the account as it is. */
function readWhole(root: Node, context: ManifestContext): PolicyDocument | null {
  const document = toJson(root);
  const issues = checkTrust(document, { partition: context.partition, whereItStands: true });
  reportIssues(root, issues, context.report);
  if (!isObject(document) || issues.some(({ severity }) => severity === 'error')) return null;
  context.sound.add(root);
  return withVersion(document);
}
