/** Name patterns of `ignore`: `*` is any run of characters, `?` any one; everything else is itself. */
export function globMatcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const source = pattern.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
    return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  });
  return (name) => expressions.some((expression) => expression.test(name));
}
