import { parseRef } from '../core/references.ts';
import type { PolicyDocument } from '../core/state.ts';
import type { StepDraft } from '../kinds/index.ts';

/** The inline policy that a step is about, or null. */
export function inlineName({ about }: StepDraft): string | null {
  const [aspect, name] = parseRef(about).part;
  return aspect === 'policies' ? name! : null;
}

/** The managed policy that a step is about: attached, detached or changed; or null. */
export function managedArn({ about }: StepDraft): string | null {
  const { kind, name, part } = parseRef(about);
  if (part[0] === 'attach') return part[1]!;
  return kind === 'policy-arn' ? name : null;
}

/** The same call with another document; a version that is there already gives way to a new one. */
export function withDocument(draft: StepDraft, document: PolicyDocument): StepDraft {
  const PolicyDocument = JSON.stringify(document);
  if (draft.op === 'SetDefaultPolicyVersion') {
    const { PolicyArn } = draft.input;
    return {
      ...draft,
      op: 'CreatePolicyVersion',
      input: { PolicyArn, PolicyDocument, SetAsDefault: true },
    };
  }
  return 'PolicyDocument' in draft.input
    ? ({ ...draft, input: { ...draft.input, PolicyDocument } } as StepDraft)
    : draft;
}
