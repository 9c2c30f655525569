import { api, authored, list, ownLogin } from './gh.ts';

/** GitHub refuses a longer body of a comment or an issue. */
export const bodyLength = 65_536;

/** `<!-- rollcall:plan:123456789012 -->`: how a comment or an issue is found again. */
export const marker = (what: 'plan' | 'drift', account: string): string =>
  `<!-- rollcall:${what}:${account} -->`;

/** For runs that cannot tell the account. The next run that can takes over the comment. */
export const unknownAccount = 'unknown';

type Settled = 'created' | 'updated' | 'unchanged' | 'closed' | 'none';

/**
 * Keeps one comment on a pull request up to date. Only our own comments are edited: anybody can write the marker.
 *
 * @param create false if the page alone is not worth a new comment.
 */
export async function upsertComment(options: {
  readonly env: NodeJS.ProcessEnv;
  readonly repository: string;
  readonly pullRequest: number;
  readonly account: string;
  readonly body: string;
  readonly create: boolean;
}): Promise<Settled> {
  const { env, repository, pullRequest, account, body, create } = options;
  const path = `repos/${repository}/issues/${pullRequest}/comments`;
  const login = await ownLogin(env);
  const own = (await list(env, path)).map(authored).filter(({ author }) => author === login);
  const find = (of: string) => own.find((comment) => comment.body.startsWith(marker('plan', of)));
  const found = find(account) ?? find(unknownAccount);
  if (!found) {
    if (!create) return 'none';
    await api(env, 'POST', path, { body });
    return 'created';
  }
  if (found.body === body) return 'unchanged';
  await api(env, 'PATCH', `repos/${repository}/issues/comments/${found.id}`, { body });
  return 'updated';
}

/** One open issue while there is drift; closed when there is none. */
export async function upsertIssue(options: {
  readonly env: NodeJS.ProcessEnv;
  readonly repository: string;
  readonly account: string;
  readonly label: string;
  readonly title: string;
  /** Null if there is no drift any more. */
  readonly body: string | null;
  /** The comment with which it is closed. */
  readonly farewell: string;
}): Promise<Settled> {
  const { env, repository, account, label, title, body, farewell } = options;
  const path = `repos/${repository}/issues`;
  const login = await ownLogin(env);
  const open = await list(env, `${path}?state=open&labels=${encodeURIComponent(label)}`);
  const found = open
    // The API lists pull requests as issues too.
    .filter((item) => !('pull_request' in item))
    .map(authored)
    .find((issue) => issue.author === login && issue.body.startsWith(marker('drift', account)));
  if (body === null) {
    if (!found) return 'none';
    await api(env, 'POST', `${path}/${found.number}/comments`, { body: farewell });
    await api(env, 'PATCH', `${path}/${found.number}`, { state: 'closed', state_reason: 'completed' });
    return 'closed';
  }
  if (!found) {
    await api(env, 'POST', path, { title, body, labels: [label] });
    return 'created';
  }
  if (found.body === body) return 'unchanged';
  await api(env, 'PATCH', `${path}/${found.number}`, { title, body });
  return 'updated';
}
