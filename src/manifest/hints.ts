import { documentSize } from '../core/policy-language.ts';
import type { PolicyDocument } from '../core/state.ts';
import { toJson } from '../core/tree.ts';
import type { ManifestContext } from '../kinds/reading/context.ts';
import { reportIssues } from '../kinds/reading/documents.ts';
import { hinter, loadServices } from '../policy/hints/index.ts';

/** More than the largest policy that IAM takes of anybody, a role's inline ones: whoever writes more has other worries. */
const mostCharacters = 10_240;

/**
 * Warns of names in policy documents that AWS does not know. What AWS has is large, and loaded only when there is a
 * document to judge.
 */
export async function checkHints({ sound, report }: ManifestContext): Promise<void> {
  if (sound.size === 0) return;
  const hintsOf = hinter(await loadServices(), (kind, word, candidates) =>
    report.suggest(kind, word, candidates),
  );
  for (const root of sound) {
    const document = toJson(root) as PolicyDocument;
    if (documentSize(document) <= mostCharacters) reportIssues(root, hintsOf(document), report);
  }
}
