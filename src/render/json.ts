import type { SavedPlan } from '../kinds/plan.ts';
import { shownJson } from '../core/text.ts';

/** The plan as a file: stable field order, two spaces, so that two plans can be compared as text. */
export const renderJson = (plan: SavedPlan): string => `${shownJson(plan)}\n`;
