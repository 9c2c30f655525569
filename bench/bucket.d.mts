export declare function makeBuckets(limit: { readonly rate: number; readonly burst: number }): {
  take(name: string, now: number): boolean;
};
export declare function makeFaults(shares: {
  readonly errors: number;
  readonly lost: number;
  readonly seed: number;
}): { of(call: string): 'error' | 'lost' | null };
