import { renderMarkdown } from '../../src/render/markdown.ts';
import { hostilePlan } from './plans.ts';

/** A page without what stands in code: the only place for text of others. */
export const outsideOfCode = (html: string): string =>
  html.replaceAll(/<code[^>]*>[^<]*<\/code>/g, '<code/>');

export const hostileMarkdown = (text: string): string => {
  const { plan, violations } = hostilePlan(text);
  return renderMarkdown(plan, violations);
};
