/** The account's alias: the name in the address at which its users sign in. */
export const about = {
  name: 'account',
  only: 'alias',
  plural: 'account aliases',
  section: 'account.alias',
} as const;

export interface AccountAlias {
  readonly alias: string;
}
