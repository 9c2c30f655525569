import type { Row } from './row.ts';
import { accountRows, pagination } from './rows/account.ts';
import { credentials } from './rows/credentials.ts';
import { policyDocuments } from './rows/documents.ts';
import { federation } from './rows/federation.ts';
import { foreign } from './rows/foreign.ts';
import { groups } from './rows/groups.ts';
import { policies } from './rows/policies.ts';
import { recorded } from './rows/recorded.ts';
import { roles } from './rows/roles.ts';
import { sessions } from './rows/sessions.ts';
import { simulation } from './rows/simulation.ts';
import { trusts } from './rows/trusts.ts';
import { deletions, users } from './rows/users.ts';
import { wire } from './rows/wire.ts';

export const table: readonly Row[] = [
  ...users,
  ...deletions,
  ...groups,
  ...roles,
  ...trusts,
  ...federation,
  ...sessions,
  ...policies,
  ...policyDocuments,
  ...credentials,
  ...accountRows,
  ...pagination,
  ...simulation,
  ...recorded,
  ...foreign,
  ...wire,
];
