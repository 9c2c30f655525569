import type { PolicyDocument } from '../../core/state.ts';
import type { Node } from '../../core/tree.ts';
import type { ManifestContext } from '../reading/context.ts';

export const readForms = (_role: string, _node: Node, _context: ManifestContext): PolicyDocument | null =>
  null;
