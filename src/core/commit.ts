/** A whole hash of git's, SHA-1 or SHA-256, as a schema's pattern. */
export const commitPattern = '^[0-9a-f]{40,64}$';

const pattern = new RegExp(commitPattern);
export const isCommit = (text: string): boolean => pattern.test(text);
