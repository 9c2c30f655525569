/**
 * What a document says that AWS does not know: names of services, actions and condition keys, values that an operator
 * cannot compare, and resources that no action takes. Warnings only, since AWS adds to all of them every day.
 */
import { isObject } from '../../core/json.ts';
import { earlierVersion, statementsOf } from '../../core/policy-language.ts';
import type { PolicyDocument } from '../../core/state.ts';
import type { DocumentIssue, Path } from '../grammar/findings.ts';
import { checkActionName } from './actions.ts';
import { checkConditions } from './conditions.ts';
import { checkResources } from './resources.ts';
import { DocumentHints, Run, type Suggest } from './run.ts';
import type { Services } from './services.ts';
import { textsOf } from './texts.ts';

export { loadServices } from './services.ts';

/** Judges documents that keep to the grammar. One for all documents of a run: they say much the same. */
export function hinter(
  aws: Services,
  suggest: Suggest,
): (document: PolicyDocument) => readonly DocumentIssue[] {
  const run = new Run(aws, suggest);
  return (document) => {
    const found = new DocumentHints(run);
    if (run.isSpent) return [];
    const isList = Array.isArray(document.Statement);
    for (const [index, statement] of statementsOf(document).entries()) {
      if (!isObject(statement)) continue;
      const path: Path = isList ? ['Statement', index] : ['Statement'];
      for (const element of ['Action', 'NotAction'])
        for (const action of textsOf(statement, element, path))
          checkActionName(action.text, action.path, found);
      checkResources(statement, path, document.Version !== earlierVersion, found);
      checkConditions(statement, path, found);
    }
    return found.issues;
  };
}
