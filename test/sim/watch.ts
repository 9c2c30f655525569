import type { StepResult } from '../../src/aws/execute.ts';
import { assumableBy } from '../../src/app/receipts/trust.ts';
import type { Planning } from '../../src/app/session.ts';
import type { Desired } from '../../src/core/desired.ts';
import type { AccountState } from '../../src/core/state.ts';
import type { JournalEntry } from '../../src/sandbox/index.ts';
import {
  accessOf,
  deniedTo,
  describeMask,
  fingerprint,
  liveView,
  readView,
  roleFingerprint,
  targetView,
} from './access.ts';
import type { HolderView, UserView, View } from './access.ts';
import type { Touch } from './outside.ts';
import { ThroughRoles } from './through-roles.ts';
import { allProbes, folded, isIgnored, isManaged, names } from './universe.ts';
import type { Manifest, OptInSection } from './universe.ts';
import { Violation } from './violation.ts';
import type { Watcher, World } from './world.ts';
import { inputOf } from '../support/input.ts';

/** Documents, as texts, of a user or (by name) of one of their groups. */
interface Kept {
  readonly group: string | null;
  readonly texts: readonly string[];
}

/** What is known of the apply that runs now. */
interface Apply {
  readonly desired: Desired;
  readonly base: View;
  readonly target: View;
  /** Access that the state before or the target grants, by user id. */
  readonly allowed: Map<string, number>;
  /** What each user, by id, has on both sides word for word: nothing of it is gone meanwhile. */
  readonly kept: ReadonlyMap<string, readonly Kept[]>;
  /** Names and ids of users about whom nothing is promised in this apply: the plan was made from something else. */
  readonly loose: Set<string>;
  /** Ids of access keys that the plan takes for undelivered. */
  readonly takenBack: ReadonlySet<string>;
  /** What the plan says of credentials that come back. */
  readonly dangers: string[];
  /** Users who leave by this plan, or by one beside it: name → ids that the plans knew. */
  readonly leaving: Map<string, Set<string>>;
  /** Names whose pin was read, and when. */
  readonly pinned: Map<string, number>;
  /** When the credentials of a leaving user were listed again, by user and call. */
  readonly relisted: Map<string, Map<string, number>>;
  /** Access keys that a look has found unused: what follows from it may be on its way. */
  readonly looked: Set<string>;
  /** Calls that had their effect. */
  readonly effects: Set<string>;
  /** What everybody may do through roles. */
  readonly through: ThroughRoles;
  readonly overridden: boolean;
  readonly manifest: Manifest;
  readonly protect: readonly string[];
  /** Access keys that had been delivered when it began. */
  readonly deliveredBefore: ReadonlySet<string>;
  deletedUsers: number;
  interfered: boolean;
}

const activating = new Set([
  'UpdateAccessKey',
  'UpdateSSHPublicKey',
  'UpdateSigningCertificate',
  'UpdateServiceSpecificCredential',
]);
const idFields = ['AccessKeyId', 'SSHPublicKeyId', 'CertificateId', 'ServiceSpecificCredentialId'] as const;
const relisting =
  /^(List(AccessKeys|SSHPublicKeys|SigningCertificates|ServiceSpecificCredentials)|GetLoginProfile)$/;
const minting = new Set(['CreateAccessKey', 'CreateLoginProfile']);
const removing = /^(Delete|Detach|Remove|Deactivate|Untag|Get|List)/;

type Params = Readonly<Record<string, unknown>>;
const text = (params: Params, field: string): string | undefined =>
  typeof params[field] === 'string' ? params[field] : undefined;

/** What tells one call from another. */
const callKey = (op: string, params: Params): string =>
  [op, ...identifying.map((field) => text(params, field) ?? '')].join(' ');
const identifying = [
  'UserName',
  'GroupName',
  'RoleName',
  'InstanceProfileName',
  'PolicyName',
  'PolicyArn',
  'AccessKeyId',
  'NewUserName',
  'NewGroupName',
  'OpenIDConnectProviderArn',
  'ClientID',
  'Url',
  'SAMLProviderArn',
  'Name',
];

/** Whether the call says that all keys of the user were delivered, or which was not. */
function unmarks(op: string, params: Params): boolean {
  if (op === 'UntagUser') return (params['TagKeys'] as string[]).includes('rollcall-undelivered');
  if (op !== 'TagUser') return false;
  const tags = params['Tags'] as readonly { readonly Key: string; readonly Value: string }[];
  return tags.some(
    ({ Key, Value }) => Key === 'rollcall-undelivered' && Value.split(' ')[1] === 'undelivered',
  );
}

/** Whether the call did what it says, whatever its caller was told. */
const hadEffect = (entry: JournalEntry): boolean =>
  entry.errorCode === undefined || (entry.fault === 'error-after' && entry.errorCode === 'ServiceFailure');

const reactivated = ({ plan }: Planning): string[] =>
  plan.changes.flatMap(({ dangers = [] }) =>
    dangers.filter(({ code }) => code === 'reactivated-credential').map((danger) => danger.text),
  );

/** Looks on at every call and holds it against the promises (README.md). */
export class Watch implements Watcher {
  readonly #world: World;
  #apply: Apply | null = null;
  /** Ids of credentials that a user had when the offboarding began, by user id: they never work again. */
  readonly #begun = new Map<string, ReadonlySet<string>>();
  /** Users on their way out: everything is denied to them until they are gone. */
  readonly #sealed = new Set<string>();
  /** When others last touched a user, by id. */
  readonly #lastTouch = new Map<string, number>();
  /** Access keys that rollcall made. */
  readonly #made = new Set<string>();
  /** Those whose mark was taken off since: they cannot be taken for undelivered. */
  readonly #unmarked = new Set<string>();
  /** Passwords that rollcall made, by user id. */
  readonly #passwordsMade = new Map<string, string>();
  /** Users whose tags somebody else has set: a mark of a killed run may be gone. */
  readonly #misled = new Set<string>();
  /** Access keys that somebody uses, before the call. */
  #used: ReadonlySet<string> = new Set();
  #password = '';
  readonly #secrets = new Set<string>();
  /** Calls for which a quota had no room. */
  readonly #full = new Set<string>();
  #before: {
    readonly refs: readonly unknown[];
    readonly revision: number;
    /** Who is gone and still in a trust. */
    readonly gone: ReadonlySet<string>;
  } | null = null;
  #touches = 0;
  #keysBefore: ReadonlySet<string> = new Set();

  constructor(world: World) {
    this.#world = world;
  }

  get touches(): number {
    return this.#touches;
  }

  made(id: string): boolean {
    return this.#made.has(id);
  }

  isFull(op: string, params: object): boolean {
    return this.#full.has(callKey(op, params as Params));
  }

  /** One at a time, nothing comes between the look and what follows from it; else other calls do. */
  usable(id: string): boolean {
    return this.#world.script.parallelism === 1 || this.#apply?.looked.has(id) !== true;
  }

  /** Tags give and take no access. */
  tagged(user: string): void {
    this.#touches += 1;
    if (this.#apply) this.#apply.interfered = true;
    const id = this.#world.iam.state.users.taken(user)?.id;
    if (id !== undefined) this.#misled.add(id);
  }

  minted(secret: string): void {
    this.#secrets.add(secret);
  }

  // Applies

  /** @param read the account as it was when the plan was made. */
  startApply(
    planning: Planning,
    read: AccountState,
    manifest: Manifest,
    desired: Desired,
    overridden: boolean,
  ): void {
    const { state } = this.#world.iam;
    const base = liveView(state);
    const target = targetView(desired.state, base, manifest);
    const allowed = new Map<string, number>();
    const wrong = misread(readView(read), base);
    const loose = reachedBy(wrong, [base, target]);
    for (const { id, name } of state.users.sorted()) if (loose.has(name)) loose.add(id);
    for (const user of state.users.sorted()) {
      const name = targetName(desired.state, user.name, base);
      const sides = [
        [base, base.users.get(user.name)],
        [target, target.users.get(name)],
      ] as const;
      // Under both names: what policies say of the name itself is no part of the promise.
      const masks = sides.flatMap(([view, one]) =>
        one ? [user.name, name].map((as) => accessOf(view, { ...one, name: as })) : [],
      );
      allowed.set(
        user.id,
        masks.reduce((sum, mask) => sum | mask, 0),
      );
    }
    const through = new ThroughRoles(base, target, (name) => targetName(desired.state, name, base));
    if (Object.values(wrong).some((list) => list.length > 0)) {
      through.loosen({ users: [...loose], roles: rolesReachedBy(wrong, [base, target]) }, readView(read));
    } else this.#checkAssumable(planning, through);
    const kept = new Map(
      state.users.sorted().map(({ id, name }) => {
        const wanted = target.users.get(targetName(desired.state, name, base));
        return [
          id,
          keptBy(base.users.get(name)!, wanted, [base, target], desired.state, planning.plan.notes),
        ];
      }),
    );
    this.#apply = {
      desired,
      base,
      target,
      allowed,
      kept,
      loose,
      leaving: new Map(),
      takenBack: new Set(
        planning.plan.steps
          .filter(({ change, input }) => change.endsWith('/undelivered') && 'AccessKeyId' in input)
          .map((step) => inputOf(step)['AccessKeyId'] as string),
      ),
      dangers: reactivated(planning),
      pinned: new Map(),
      relisted: new Map(),
      looked: new Set(),
      effects: new Set(),
      through,
      overridden,
      manifest,
      protect: overridden ? [] : manifest.protect.map(folded),
      deliveredBefore: new Set(this.#world.deliveredKeys),
      deletedUsers: 0,
      interfered: Object.values(wrong).some((list) => list.length > 0),
    };
    this.#addLeaving(planning);
    for (const id of this.#sealed) {
      const user = state.users.get(id);
      const wanted = user && desired.state.users.get(targetName(desired.state, user.name, base));
      const open = !user || deniedTo(base, base.users.get(user.name)!) !== allProbes;
      if (open || (wanted && !wanted.suspended)) this.#sealed.delete(id);
    }
  }

  /** What receipts say of whoever leaves: each role that they could assume is named, whatever way leads there. */
  #checkAssumable({ plan, live }: Planning, through: ThroughRoles): void {
    for (const { name } of plan.changes.filter(({ action }) => action === 'offboard')) {
      const told = new Set(assumableBy(live, name).map(({ role }) => role));
      const missing = through.rolesOf(name).find((role) => !told.has(role));
      if (missing !== undefined)
        throw new Violation(
          'receipts',
          `the receipt of ${name} does not name ${missing}, which they could assume`,
        );
    }
  }

  /** Another one of the same manifests begins beside it. */
  joinApply(planning: Planning): void {
    this.#apply?.dangers.push(...reactivated(planning));
    this.#addLeaving(planning);
  }

  #addLeaving({ plan, live }: Planning): void {
    const leaving = this.#apply?.leaving;
    for (const { action, name } of plan.changes) {
      if (action !== 'offboard') continue;
      leaving?.set(name, (leaving.get(name) ?? new Set()).add(live.users.get(name)?.id ?? ''));
    }
  }

  /** The process ended or died: what follows is no part of its apply. */
  stopApply(): void {
    this.#apply = null;
  }

  endApply(results: readonly StepResult[], manifest: Manifest): void {
    const apply = this.#apply!;
    // What is optional may be refused, and holds nothing up.
    const passed = ({ step, status }: StepResult): boolean =>
      status === 'done' || (status === 'refused' && step.optional === true);
    const done = new Set(results.filter(passed).map(({ step }) => step.id));
    for (const { step, status } of results) {
      if (status === 'skipped') continue;
      const missing = step.needs.find((need) => !done.has(need));
      if (missing !== undefined) {
        throw new Violation('dependencies', `${step.id} ${step.op} ran although ${missing} was not done`);
      }
      if (status !== 'done' || removing.test(step.op)) continue;
      if (apply.interfered && step.op.startsWith('Create')) continue;
      if (!apply.effects.has(callKey(step.op, inputOf(step)))) {
        throw new Violation('truth', `${step.id} ${step.op} is said to be done, but never was`);
      }
    }
    if (!apply.overridden) {
      const total = apply.base.users.size;
      const limit = manifest.maxUsers ?? Math.max(5, Math.floor((total * 25) / 100));
      if (apply.deletedUsers > limit) {
        throw new Violation('rails', `${apply.deletedUsers} users were deleted where ${limit} may go`);
      }
      if (apply.desired.state.users.size === 0 && apply.deletedUsers > 0) {
        throw new Violation('rails', 'users were deleted although no file declares any');
      }
    }
    this.#apply = null;
  }

  /** After an apply of which every step was done. */
  checkKeys(): void {
    const { state } = this.#world.iam;
    for (const id of this.#made) {
      const key = state.accessKeys.get(id);
      if (key?.status !== 'Active' || this.#world.deliveredKeys.has(id)) continue;
      if (this.#misled.has(key.userId)) continue;
      const user = state.users.get(key.userId);
      throw new Violation('keys', `the access key ${id} of ${user?.name} was made and never delivered`);
    }
  }

  checkPasswords(): void {
    for (const [id, password] of this.#passwordsMade) {
      const user = this.#world.iam.state.users.get(id);
      if (user?.login && !this.#world.deliveredPasswords.has(password)) {
        throw new Violation('keys', `the password of ${user.name} was made and never delivered`);
      }
    }
  }

  /** @param shown anything that a person or a log may see. */
  checkSecrets(where: string, shown: unknown): void {
    if (this.#secrets.size === 0) return;
    const found = typeof shown === 'string' ? shown : JSON.stringify(shown);
    for (const secret of this.#secrets) {
      if (found.includes(secret)) throw new Violation('secrets', `a secret is in ${where}`);
    }
  }

  // Calls

  touched(touch: Touch, tick: number): void {
    this.#touches += 1;
    const { state } = this.#world.iam;
    const views = [liveView(state), ...(this.#apply ? [this.#apply.base, this.#apply.target] : [])];
    const reached = reachedBy(touch, views);
    const roles = rolesReachedBy(touch, views);
    if (reached.size + roles.length > 0)
      this.#apply?.through.loosen({ users: [...reached], roles }, liveView(state));
    for (const name of reached) {
      const id = state.users.taken(name)?.id;
      this.#apply?.loose.add(name);
      if (id === undefined) continue;
      this.#lastTouch.set(id, tick);
      this.#apply?.loose.add(id);
    }
    if (this.#apply) this.#apply.interfered = true;
  }

  #revision(): number {
    const { users, groups, policies, roles } = this.#world.iam.state;
    return users.revision + groups.revision + policies.revision + roles.revision;
  }

  beforeCall(op: string, password: string): void {
    if (/^(Get|List|Generate)/.test(op)) {
      this.#before = null;
      return;
    }
    const { state } = this.#world.iam;
    this.#before = {
      refs: this.#untouchable(),
      revision: this.#revision(),
      gone: new Set(/^Delete(?:User|Role)$/.test(op) ? this.#goneInTrusts() : []),
    };
    this.#used = new Set(
      state.accessKeys.sorted().flatMap(({ id, lastUsed }) => (lastUsed === null ? [] : [id])),
    );
    if (op === 'CreateLoginProfile') this.#password = password;
    if (op === 'CreateAccessKey') this.#keysBefore = new Set(state.accessKeys.sorted().map(({ id }) => id));
  }

  /** Records are never changed in place: the same objects means that nothing happened to them. */
  #untouchable(): unknown[] {
    const { state } = this.#world.iam;
    const isProtected = (name: string): boolean => this.#apply?.protect.includes(folded(name)) ?? false;
    const out = (name: string): boolean => isIgnored(name) || isProtected(name);
    const members = ({ id, name }: { id: string; name: string }): string =>
      `members of ${name}: ${state.users
        .sorted()
        .filter(({ groups }) => groups.includes(id))
        .map((user) => user.name)
        .join(', ')}`;
    const users = state.users.sorted().filter(({ name }) => out(name));
    return [
      ...users,
      ...users.flatMap(({ id }) => [
        ...state.accessKeys.ownedBy(id),
        ...state.sshKeys.ownedBy(id),
        ...state.certificates.ownedBy(id),
        ...state.serviceCredentials.ownedBy(id),
        ...state.mfaDevices.ownedBy(id),
      ]),
      ...state.groups.sorted().filter(({ name }) => out(name)),
      ...state.groups
        .sorted()
        .filter(({ name }) => isProtected(name))
        .map(members),
      ...state.policies.sorted().filter(({ name }) => out(name)),
      ...state.roles.sorted().filter((role) => isProtected(role.name) || !this.#manages('roles', role)),
      ...state.instanceProfiles
        .sorted()
        .filter((one) => !this.#manages('instanceProfiles', one))
        .map((one) => {
          // IAM deletes no role that is in a profile: who goes leaves those of others as well.
          const role = state.roles.get(one.roleId);
          const goes =
            role && this.#manages('roles', role) && !this.#apply?.desired.state.roles.has(role.name);
          return JSON.stringify(goes ? { ...one, roleId: '' } : one);
        }),
      ...state.oidcProviders
        .sorted()
        .filter(({ id }) => !this.#manages('identityProviders.oidc', provider(id))),
      ...state.samlProviders
        .sorted()
        .filter(({ id }) => !this.#manages('identityProviders.saml', provider(id))),
    ];
  }

  /** Whether the manifests have a say over it; the provider by which rollcall's own jobs come in is nobody's to change. */
  #manages(section: OptInSection, one: { readonly name: string; readonly path?: string }): boolean {
    const { roles } = this.#world.iam.state;
    if (section === 'identityProviders.oidc' && one.name === names.oidc[0]) {
      if (names.pipelineRoles.some((name) => roles.taken(name))) return false;
    }
    return this.#apply !== null && isManaged(this.#apply.manifest, section, one);
  }

  afterCall(entry: JournalEntry, tick: number): void {
    const { op, params } = entry;
    const userName = text(params, 'UserName');
    const apply = this.#apply;
    if (entry.readOnly) {
      if (apply && userName !== undefined && op === 'GetUser') apply.pinned.set(userName, tick);
      if (apply && userName !== undefined && relisting.test(op)) {
        apply.relisted.set(userName, (apply.relisted.get(userName) ?? new Map()).set(op, tick));
      }
      if (op === 'GetAccessKeyLastUsed') apply?.looked.add(text(params, 'AccessKeyId') ?? '');
      return;
    }
    if (op === 'GenerateCredentialReport') return;
    if (entry.errorCode === 'LimitExceeded') this.#full.add(callKey(op, params));
    else this.#full.delete(callKey(op, params));
    if (!apply) throw new Violation('plan', `${op} is called while nothing is applied`);
    this.#checkScope(op);
    this.#checkTarget(op, params, apply);
    this.#checkHints(op, params, apply);
    if (!hadEffect(entry)) return;
    apply.effects.add(callKey(op, params));
    if (op === 'DeleteUser') apply.deletedUsers += 1;
    this.#checkDelivered(op, params, apply);
    this.#note(op, params, apply);
    if (this.#before?.revision !== this.#revision()) this.#checkAccess(op, apply);
    if (op === 'DeleteUser' || op === 'DeleteRole') this.#checkTrusts(op, params);
  }

  /** Managed roles with ids in their trusts of whoever is not there. */
  #goneInTrusts(): string[] {
    const { roles, users } = this.#world.iam.state;
    return [...liveView(this.#world.iam.state).roles.values()]
      .filter((role) => this.#manages('roles', roles.get(role.id!)!) && !this.#apply?.through.isLoose(role))
      .flatMap(({ name, trust }) =>
        [...trust.matchAll(/"(A(?:IDA|ROA)[A-Z0-9]+)"/g)]
          .map(([, id]) => id!)
          .filter((id) => !users.get(id) && !roles.get(id))
          .map((id) => `${id} in the trust of ${name}`),
      );
  }

  /** Whoever goes is in no trust of a managed role any more. */
  #checkTrusts(op: string, params: Params): void {
    const left = this.#goneInTrusts().find((one) => !this.#before?.gone.has(one));
    if (left === undefined) return;
    throw new Violation(
      'trusts',
      `${op} ${text(params, 'UserName') ?? text(params, 'RoleName')} leaves ${left}`,
    );
  }

  #checkScope(op: string): void {
    const after = new Set(this.#untouchable());
    if (this.#before?.refs.every((ref) => after.has(ref)) ?? true) return;
    throw new Violation('scope', `${op} changed what is out of scope or protected`);
  }

  /** Tags are hints: what was used is not taken back, and what comes back is a danger that names it. */
  #checkHints(op: string, params: Params, apply: Apply): void {
    const id = idFields.map((field) => text(params, field)).find((one) => one !== undefined);
    if (id === undefined) return;
    // Where reads lag, nobody can see what was done a moment ago.
    if (apply.takenBack.has(id) && this.#used.has(id) && !this.#world.lags) {
      throw new Violation('hints', `${op} of ${id}, which was used, because of a mark`);
    }
    if (!activating.has(op) || params['Status'] !== 'Active') return;
    if (!apply.dangers.some((danger) => danger.includes(id))) {
      throw new Violation('hints', `${op} gives ${id} back, and the plan does not name it as a danger`);
    }
  }

  /** A key that somebody has just got goes on working, whoever applies beside whoever made it. */
  #checkDelivered(op: string, params: Params, apply: Apply): void {
    const id = text(params, 'AccessKeyId');
    const stops = op === 'DeleteAccessKey' || (op === 'UpdateAccessKey' && params['Status'] === 'Inactive');
    if (!stops || id === undefined || !this.#world.excludes) return;
    if (!this.#unmarked.has(id) || apply.deliveredBefore.has(id)) return;
    throw new Violation('rival', `${op} of ${id}, which has just been delivered`);
  }

  /** What may not even be tried. */
  #checkTarget(op: string, params: Params, apply: Apply): void {
    const { state } = this.#world.iam;
    const roleName = text(params, 'RoleName');
    const role = roleName === undefined ? undefined : state.roles.taken(roleName);
    // A profile that is rollcall's may hold a role that is not.
    if (role && text(params, 'InstanceProfileName') === undefined && !this.#manages('roles', role))
      throw new Violation('scope', `${op} of role ${role.name}, which is not managed`);
    const name = text(params, 'UserName');
    if (name === undefined) return;
    if (isIgnored(name)) throw new Violation('scope', `${op} of ${name}, who is ignored`);
    if (apply.protect.includes(folded(name)))
      throw new Violation('protected', `${op} of ${name}, who is protected`);
    const user = state.users.taken(name);
    const wanted = apply.desired.state.users.get(name);
    if (activating.has(op) && params['Status'] === 'Active') {
      const credential = idFields.map((field) => text(params, field)).find((id) => id !== undefined);
      if (!wanted || wanted.suspended) {
        throw new Violation(
          'credentials',
          `${op} gives ${name} a credential back who ${wanted ? 'is suspended' : 'leaves'}`,
        );
      }
      if (user && credential !== undefined && this.#begun.get(user.id)?.has(credential)) {
        throw new Violation(
          'credentials',
          `${op} gives ${name} the credential ${credential} back, whose offboarding had begun`,
        );
      }
    }
    if (minting.has(op) && (!wanted || wanted.suspended)) {
      throw new Violation('credentials', `${op} for ${name} who ${wanted ? 'is suspended' : 'leaves'}`);
    }
  }

  #note(op: string, params: Params, apply: Apply): void {
    const name = text(params, 'UserName');
    const { state } = this.#world.iam;
    if (op === 'CreateAccessKey') {
      for (const { id } of state.accessKeys.sorted()) if (!this.#keysBefore.has(id)) this.#made.add(id);
    }
    const user = name === undefined ? undefined : state.users.taken(name);
    if (!user || name === undefined) return;
    if (unmarks(op, params)) {
      for (const { id } of state.accessKeys.ownedBy(user.id)) {
        if (this.#world.deliveredKeys.has(id)) this.#unmarked.add(id);
      }
    }
    if (op === 'CreateLoginProfile') this.#passwordsMade.set(user.id, this.#password);
    const planned = apply.leaving.get(name);
    if (planned === undefined) return;
    const pinnedAt = apply.pinned.get(name) ?? -1;
    if (
      !planned.has(user.id) &&
      !this.#world.lags &&
      !((this.#lastTouch.get(user.id) ?? -1) >= pinnedAt && pinnedAt >= 0)
    ) {
      throw new Violation('pin', `${op} of ${name}, who is somebody else than the plan meant`);
    }
    if (!planned.has(user.id) || this.#begun.has(user.id)) {
      if (planned.has(user.id)) this.#sealed.add(user.id);
      return;
    }
    this.#begun.set(
      user.id,
      new Set(
        [state.accessKeys, state.sshKeys, state.certificates, state.serviceCredentials].flatMap((table) =>
          table.ownedBy(user.id).map(({ id }) => id),
        ),
      ),
    );
    this.#sealed.add(user.id);
  }

  #checkKept(op: string, id: string, view: View, user: UserView, apply: Apply): void {
    for (const { group, texts } of apply.kept.get(id) ?? []) {
      const now = heldTexts(view, group === null ? user : view.groups.get(group));
      const lost = texts.find((one) => !now.includes(one));
      if (lost === undefined) continue;
      throw new Violation(
        'kept',
        `after ${op} ${group ?? user.name} is without what both sides hold: ${lost}`,
      );
    }
  }

  #checkAccess(op: string, apply: Apply): void {
    const { state } = this.#world.iam;
    const view = liveView(state);
    const gained = apply.through
      .gained(view)
      .find((one) => !this.#isAllButGone(one.split('|', 1)[0]!.replace('user ', ''), apply));
    if (gained !== undefined) throw new Violation('access', `after ${op} through roles ${gained}`);
    for (const user of state.users.sorted()) {
      const seen = view.users.get(user.name)!;
      const held = accessOf(view, seen);
      let allowed = apply.allowed.get(user.id);
      if (allowed === undefined) {
        // Made by this apply: nobody before.
        allowed = accessOf(apply.target, apply.target.users.get(user.name));
        apply.allowed.set(user.id, allowed);
      }
      const loose = apply.loose.has(user.name) || apply.loose.has(user.id);
      if (!loose && (held & ~allowed) !== 0) {
        throw new Violation('access', `after ${op} ${user.name} may ${describeMask(held & ~allowed)}`);
      }
      if (!loose) this.#checkKept(op, user.id, view, seen, apply);
      if (!this.#sealed.has(user.id) || loose) continue;
      if (held !== 0) {
        throw new Violation(
          'fail-closed',
          `after ${op} ${user.name}, who is leaving, may ${describeMask(held)}`,
        );
      }
      if (deniedTo(view, seen) !== allProbes) this.#checkUnsealed(op, user.id, user.name, apply);
    }
  }

  /** A leaver whose deny has gone, as the last but themselves: trusts that no plan writes may name them still. */
  #isAllButGone(id: string, { leaving }: Apply): boolean {
    const { state } = this.#world.iam;
    const user = state.users.get(id);
    if (!user || user.login || !leaving.get(user.name)?.has(id)) return false;
    const held = [...Object.keys(user.policies), ...user.attached, ...user.groups];
    return held.length === 0 && state.accessKeys.ownedBy(id).length === 0;
  }

  /** The deny goes last: nothing that works may be left. */
  #checkUnsealed(op: string, id: string, name: string, apply: Apply): void {
    const { state } = this.#world.iam;
    const active = [state.accessKeys, state.sshKeys, state.certificates, state.serviceCredentials].flatMap(
      (table) => table.ownedBy(id).filter(({ status }) => status === 'Active'),
    );
    if (active.length === 0 && !state.users.get(id)?.login) return;
    // The looks come in any order, side by side.
    const relisted = Math.min(...(apply.relisted.get(name)?.values() ?? []));
    if (this.#world.lags || (this.#lastTouch.get(id) ?? -1) >= relisted) return;
    throw new Violation('fail-closed', `after ${op} nothing denies ${name}, whose credentials still work`);
  }

  /** With nobody else about and no lag, what was read is what is. */
  checkRead(live: AccountState): void {
    const { state } = this.#world.iam;
    const [view, read] = [liveView(state), readView(live)];
    const tell = (what: string): never => {
      throw new Violation('reading', `${what} was read as it is not`);
    };
    if (read.users.size !== view.users.size || read.groups.size !== view.groups.size) tell('the account');
    for (const [name, user] of view.users) {
      if (fingerprint(view, user) !== fingerprint(read, read.users.get(name))) tell(`user ${name}`);
      const keys = live.users
        .get(name)
        ?.credentials?.accessKeys.map(({ id }) => id)
        .sort();
      const real = state.accessKeys.ownedBy(state.users.find(name)?.id ?? '').map(({ id }) => id);
      if (keys && keys.join(' ') !== real.sort().join(' ')) tell(`the access keys of ${name}`);
    }
    if (live.policies.size !== state.policies.size) tell('the policies');
    if (read.roles.size !== view.roles.size) tell('the roles');
    for (const [name, role] of view.roles) {
      if (roleFingerprint(view, role) !== roleFingerprint(read, read.roles.get(name))) tell(`role ${name}`);
    }
  }
}

/** Only a variable means something else in another version: without one the same statements are the same text. */
const textWithin = (document: string): string =>
  document.includes('${') ? document : document.replace(/"Version":"[^"]*",?/, '').replace(',}', '}');

const heldTexts = (view: View, identity: HolderView | undefined): string[] =>
  identity
    ? [
        ...identity.inline.values(),
        ...identity.attachedPolicyArns.flatMap((arn) => view.document(arn) ?? []),
      ].map(textWithin)
    : [];

/** What a user and each group that the user stays in hold on both sides, where the plan saw room to keep it. */
function keptBy(
  user: UserView,
  wanted: UserView | undefined,
  [base, target]: readonly [View, View],
  desired: AccountState,
  notes: readonly string[],
): Kept[] {
  if (!wanted) return [];
  const renaming = new Set(
    [...desired.groups.values()].flatMap(({ name, renamedFrom }) =>
      renamedFrom === undefined ? [] : [folded(name), folded(renamedFrom)],
    ),
  );
  const both = (before: HolderView, after: HolderView, name: string): string[] => {
    if (notes.some((note) => note.includes(` ${name}: no room for `))) return [];
    // A managed policy whose document changes says the old one only for a while, and the new one from some time on.
    const isSteady = (arn: string): boolean => {
      const [now, then] = [base.document(arn), target.document(arn)];
      return now === null || then === null || now === then;
    };
    // The guard that a run left behind is rollcall's own for a while, and may be written anew with more in it.
    const steady = (identity: HolderView): HolderView => ({
      ...identity,
      inline: new Map([...identity.inline].filter(([name]) => folded(name) !== 'rollcall-guard')),
      attachedPolicyArns: identity.attachedPolicyArns.filter(isSteady),
    });
    const later = heldTexts(target, steady(after));
    return heldTexts(base, steady(before)).filter((one) => later.includes(one));
  };
  const groups = user.groups.filter((name) => wanted.groups.includes(name) && !renaming.has(folded(name)));
  return [
    { group: null, texts: both(user, wanted, wanted.name) },
    ...groups.flatMap((name): Kept[] => {
      const [before, after] = [base.groups.get(name), target.groups.get(name)];
      return before && after ? [{ group: name, texts: both(before, after, name) }] : [];
    }),
  ];
}

const provider = (arn: string): { readonly name: string } => ({ name: arn.slice(arn.indexOf('/') + 1) });

/** Everybody whose access the touched things decide, in any of the views. */
function reachedBy(touch: Omit<Touch, 'text'>, views: readonly View[]): Set<string> {
  const names = new Set(touch.users);
  for (const view of views) {
    for (const [name, user] of view.users) {
      const holders = [user, ...user.groups.flatMap((group) => view.groups.get(group) ?? [])];
      const reached =
        user.groups.some((group) => touch.groups.includes(group)) ||
        touch.policies.some(
          (arn) =>
            user.boundary === arn ||
            holders.some(({ attachedPolicyArns }) => attachedPolicyArns.includes(arn)),
        );
      if (reached) names.add(name);
    }
  }
  return names;
}

/** Roles whose access they decide, or who comes into them. */
function rolesReachedBy({ roles, policies }: Omit<Touch, 'text'>, views: readonly View[]): string[] {
  const holding = views.flatMap((view) =>
    [...view.roles.values()].filter(({ boundary, attachedPolicyArns }) =>
      policies.some((arn) => boundary === arn || attachedPolicyArns.includes(arn)),
    ),
  );
  return [...new Set([...roles, ...holding.map(({ name }) => name)])];
}

/** What the plan was made from and is not (any more) so. */
function misread(read: View, live: View): Omit<Touch, 'text'> {
  const arns = new Set(
    [read, live].flatMap((view) =>
      [...view.users.values(), ...view.groups.values(), ...view.roles.values()].flatMap((identity) => [
        ...identity.attachedPolicyArns,
        ...('boundary' in identity && typeof identity.boundary === 'string' ? [identity.boundary] : []),
      ]),
    ),
  );
  const differing = <T>(
    a: ReadonlyMap<string, T>,
    b: ReadonlyMap<string, T>,
    show: (view: View, one: T | undefined) => string,
  ): string[] =>
    [...new Set([...a.keys(), ...b.keys()])].filter(
      (name) => show(read, a.get(name)) !== show(live, b.get(name)),
    );
  return {
    users: differing(read.users, live.users, fingerprint),
    groups: differing(read.groups, live.groups, (view, group) =>
      group ? fingerprint(view, { ...group, name: '', arn: '', groups: [], boundary: null }) : 'none',
    ),
    roles: differing(read.roles, live.roles, roleFingerprint),
    policies: [...arns, ...read.arns, ...live.arns].filter(
      (arn) => read.document(arn) !== live.document(arn),
    ),
  };
}

/** The name that a live user has in the manifests. */
function targetName(desired: AccountState, name: string, live: View): string {
  if (desired.users.has(name)) return name;
  for (const user of desired.users.values()) {
    if (folded(user.renamedFrom ?? '') === name && !live.users.has(user.name)) return user.name;
  }
  return name;
}
