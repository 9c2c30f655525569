import type { SavedPlan } from '../core/plan.ts';

/** The plan as a file: stable field order, two spaces, so that two plans can be compared as text. */
export const renderJson = (plan: SavedPlan): string => `${JSON.stringify(plan, null, 2)}\n`;
