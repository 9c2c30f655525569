import type { RailViolation } from '../../core/rails.ts';
import type { LeftAlone, WordedPlan } from '../../kinds/plan.ts';
import { renderPlan } from '../../render/terminal.ts';
import type { Colors } from '../terminal.ts';

/** How a plan is printed. */
export interface PlanFormat {
  readonly format: 'terminal' | 'json' | 'markdown' | 'html';
  /** Bytes, of Markdown. */
  readonly limit?: number;
  readonly json?: boolean;
}

/**
 * @param saved gives the plan as its file has it.
 * @param leftAlone names of what it is not about, for whoever wants to see them.
 */
export async function formatPlan(
  plan: WordedPlan,
  violations: readonly RailViolation[],
  saved: () => string,
  { format, limit, json }: PlanFormat,
  colors: Colors,
  leftAlone: readonly LeftAlone[] = [],
): Promise<string> {
  switch (json ? 'json' : format) {
    case 'terminal':
      return renderPlan(plan, colors, leftAlone);
    case 'json':
      return saved();
    case 'markdown':
      return (await import('../../render/markdown.ts')).renderMarkdown(
        plan,
        violations,
        limit === undefined ? {} : { limit },
      );
    case 'html':
      return (await import('../../render/html.ts')).renderHtml(plan, violations);
  }
}
