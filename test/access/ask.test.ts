import { describe, expect, it } from 'vitest';
import { judgePatterns, judgeRequests, judgeSimulations } from './ask-properties.ts';

const requests = Number(process.env['ROLLCALL_RUNS'] ?? 2000);

describe('ask', () => {
  it('says of requests what evaluators say that were written apart', () => {
    const { allowed, explicitDeny, implicitDeny, open } = judgeRequests(requests);
    expect(Math.min(allowed, explicitDeny, implicitDeny)).toBeGreaterThan(requests / 40);
    expect(open).toBeLessThan(requests / 5);
  });

  it('says of requests what the simulation of the sandbox says', () => {
    const { allowed, explicitDeny, implicitDeny, open } = judgeSimulations(requests);
    expect(Math.min(allowed, explicitDeny, implicitDeny)).toBeGreaterThan(requests / 20);
    expect(open).toBeLessThan(requests / 5);
  });

  it('says of patterns and of what is not known only what is so of each request', () => {
    const { allowed, explicitDeny, implicitDeny } = judgePatterns(requests / 4);
    expect(Math.min(allowed, explicitDeny, implicitDeny)).toBeGreaterThan(requests / 2000);
  });
});
