import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-iam';
import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest } from '@smithy/core/protocols';
import { StandardRetryStrategy } from '@smithy/core/retry';
import type { FinalizeRequestMiddleware } from '@smithy/types';
import { connect } from '../../src/aws/client.ts';
import type { Aws } from '../../src/aws/client.ts';
import { Pace } from '../../src/aws/pace.ts';
import { whileWanted, Withdrawn } from '../../src/aws/permit.ts';
import type { SecretSink } from '../../src/aws/secrets.ts';
import { stableJson } from '../../src/core/json.ts';
import { createIam, IamError } from '../../src/sandbox/index.ts';
import type { FaultKind, Iam, JournalEntry, OpName } from '../../src/sandbox/index.ts';
import { Flow } from './flow.ts';
import { secondWriter, tagger } from './outside.ts';
import type { Touch } from './outside.ts';
import { randomAt } from './random.ts';
import { eventKinds, start } from './script.ts';
import type { ChaosEvent, EventKind, Script } from './script.ts';
import { cutReply, lostConnection, serviceError, shortcut } from './shortcut.ts';
import { accountId } from './universe.ts';
import { Violation } from './violation.ts';
import { Wire } from './wire.ts';
import type { Sent } from './wire.ts';

/** The SDK waits for no time at all before a retry here, but a timer takes a millisecond even so. */
const { setTimeout: timer } = globalThis;
globalThis.setTimeout = Object.assign(
  (then: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
    ms === 0 ? setImmediate(then, ...args) : timer(then, ms, ...args),
  timer,
);

/** Who looks on at everything that happens. A throw is a violated property. */
export interface Watcher {
  /** @param password that the call sets, if any. */
  beforeCall(op: string, password: string): void;
  afterCall(entry: JournalEntry, tick: number): void;
  touched(touch: Touch, tick: number): void;
  minted(secret: string): void;
  /** Whether rollcall made the access key. */
  made(id: string): boolean;
  /** Whether a quota had no room when IAM was last asked for this. */
  isFull(op: string, params: object): boolean;
  /** Whether somebody may use the access key now (README.md, hints). */
  usable(id: string): boolean;
  tagged(user: string): void;
}

export interface Figures {
  calls: number;
  processes: number;
  plans: number;
  /** By kind, as they struck. */
  events: { [kind: string]: number };
}

const faults = new Set<EventKind>([
  'throttle',
  'error-before',
  'error-after',
  'lost-reply-before',
  'lost-reply-after',
  'cut-reply',
  'denied',
  'truncate-page',
]);

/** What a call that nobody will answer any more waits for. */
const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** IAM, the clock and everything that goes wrong: what outlives the processes of rollcall. */
export class World {
  readonly iam: Iam;
  readonly script: Script;
  readonly figures: Figures = { calls: 0, processes: 0, plans: 0, events: {} };
  /** What struck, so that a shorter run can be made of fewer. */
  readonly struck: ChaosEvent[] = [];
  readonly trace: string[] = [];
  /** Secrets that arrived, durably: ids of access keys, and passwords. */
  readonly deliveredKeys = new Set<string>();
  readonly deliveredPasswords = new Set<string>();
  /** Ids of processes that have ended: known on their own machine, which is every second run's. */
  readonly gone = new Set<string>();
  /** Starts a second apply beside the one that runs; set while one does. */
  second: (() => Promise<unknown>) | null = null;
  rival: Promise<unknown> | null = null;
  watcher: Watcher | null = null;
  /** The tail is calm. */
  calm = false;
  violation: unknown = null;
  /** Who moves next. */
  readonly flow: Flow;
  #time = start;
  #tick = 0;
  #hash = 0x811c9dc5;
  #hash2 = 0x12345;
  #planned: Map<number, ChaosEvent[]> | null;
  #burst: { kind: EventKind; left: number; of: number | null } | null = null;
  #passwords = 0;

  constructor(script: Script) {
    this.script = script;
    this.iam = createIam({ account: accountId, seed: script.seed, clock: () => this.now, journalCap: 64 });
    this.#planned = script.events ? byTick(script.events) : null;
    this.flow = new Flow(script, this);
    this.#quiet();
  }

  get now(): Date {
    return new Date(this.#time);
  }

  get tick(): number {
    return this.#tick;
  }

  /** Equal for equal runs. */
  get hash(): string {
    return [this.#hash, this.#hash2].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
  }

  pass(ms: number): void {
    this.#time += ms;
  }

  /** For the reader alone: words may change, and are no part of the hash. */
  say(text: string): void {
    this.trace.push(text);
    if (this.trace.length > 400) this.trace.splice(0, 200);
  }

  note(text: string): void {
    this.say(text);
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      this.#hash = Math.imul(this.#hash ^ code, 0x01000193);
      this.#hash2 = Math.imul(this.#hash2 + code, 0x9e3779b1) ^ (this.#hash2 >>> 15);
    }
  }

  readonly #inside = new Map<string, () => boolean>();

  /** A process begins with the steps of its plan. */
  enter(id: string, locked: () => boolean): void {
    this.#inside.set(id, locked);
  }

  leave(id: string): void {
    this.#inside.delete(id);
  }

  /**
   * Whether the lock is all that is needed. Where somebody else may delete it, where it may not be made or renewed, and
   * where reads lag, two may run at once for a while.
   */
  get excludes(): boolean {
    const { rates, forbidden } = this.script.chaos;
    return (
      !this.lags &&
      rates.denied === undefined &&
      rates['second-writer'] === undefined &&
      forbidden.length === 0
    );
  }

  /** Before each step: whose lock was taken over by a later one has noticed by then. */
  checkAlone(id: string): void {
    const inside = [...this.#inside];
    const later = inside.slice(inside.findIndex(([one]) => one === id) + 1);
    const others = later.filter(([other, locked]) => locked() && !this.gone.has(other));
    if (!this.excludes || this.#inside.get(id)?.() !== true || others.length === 0) return;
    const names = others.map(([other]) => other).join(', ');
    this.violation ??= new Violation('lock', `${id} and ${names} apply at once`);
  }

  startRival(): void {
    if (this.second === null || this.rival !== null) return;
    this.note('  a second apply begins');
    this.rival = this.second();
    // Awaited by whoever lets it end.
    this.rival.catch(() => {});
  }

  /** No faults from here on. */
  calmDown(): void {
    this.calm = true;
    this.iam.faults.clear();
  }

  #quiet(): void {
    this.iam.faults.consistency = this.script.chaos.lag;
  }

  get lags(): boolean {
    return !this.calm && Object.keys(this.script.chaos.lag).length > 0;
  }

  /** What strikes the call or delivery that comes now; nothing does where nobody waits for its answer. */
  next({ op, order }: Pick<Sent, 'op' | 'order'>, dead = false): { tick: number; event: EventKind | null } {
    const tick = this.#tick;
    this.#tick += 1;
    if (this.calm) return { tick, event: null };
    if (this.script.chaos.forbidden.includes(op)) return { tick, event: this.#count('denied') };
    if (dead) return { tick, event: null };
    const burst = this.#burst;
    if (burst && burst.left > 0 && (burst.of === null || burst.of === order)) {
      burst.left -= 1;
      return { tick, event: this.#count(burst.kind) };
    }
    const event = this.#planned ? this.#planned.get(tick)?.[0] : this.#draw(tick);
    if (!event) return { tick, event: null };
    this.struck.push(event);
    // Among many calls it may hold on to one, so that it outlives the retries of that one.
    const clings = this.script.parallelism > 1 && randomAt(this.script.seed, 7, tick).chance(0.5);
    const of = clings ? order : null;
    if (event.span > 1) this.#burst = { kind: event.kind, left: event.span - 1, of };
    return { tick, event: this.#count(event.kind) };
  }

  #count(kind: EventKind): EventKind {
    this.figures.events[kind] = (this.figures.events[kind] ?? 0) + 1;
    return kind;
  }

  #draw(tick: number): ChaosEvent | undefined {
    const { rates } = this.script.chaos;
    const random = randomAt(this.script.seed, 2, tick);
    for (const kind of eventKinds) {
      const rate = rates[kind];
      if (rate === undefined || !random.chance(rate)) continue;
      // A single one is hidden by the SDK's retries: some last until it gives up.
      const span = faults.has(kind)
        ? random.weighted([
            [6, 1],
            [2, 3],
            [2, 9],
          ])
        : 1;
      return { at: tick, kind, span };
    }
    return undefined;
  }

  /** Somebody else acts. */
  interfere(tick: number, salt = 0): void {
    const touch = secondWriter(randomAt(this.script.seed, 3, tick, salt), this.iam, this.now);
    if (!touch) return;
    this.note(`  somebody else: ${touch.text}`);
    this.watcher?.touched(touch, tick);
  }

  /** Somebody who may only tag users does so. */
  mislead(tick: number): void {
    const usable = (id: string): boolean =>
      (this.deliveredKeys.has(id) || !this.watcher?.made(id)) && (this.watcher?.usable(id) ?? true);
    const tag = tagger(randomAt(this.script.seed, 5, tick), this.iam, this.now, usable);
    if (!tag) return;
    this.note(`  somebody else: ${tag.text}`);
    this.watcher?.tagged(tag.user);
  }

  generatePassword(): string {
    this.#passwords += 1;
    const password = `Pw-${this.script.seed}-${this.#passwords}-aaaaaaaaaaaaaaaa1!`;
    this.watcher?.minted(password);
    return password;
  }

  answered(entry: JournalEntry, tick: number): void {
    this.figures.calls += 1;
    this.note(
      `${tick} ${entry.op} ${stableJson(entry.params)} ${entry.status}${entry.errorCode ? ` ${entry.errorCode}` : ''}${
        entry.fault ? ` (${entry.fault})` : ''
      }`,
    );
    this.watcher?.afterCall(entry, tick);
  }
}

function byTick(events: readonly ChaosEvent[]): Map<number, ChaosEvent[]> {
  const map = new Map<number, ChaosEvent[]>();
  for (const event of events) map.set(event.at, [...(map.get(event.at) ?? []), event]);
  return map;
}

/**
 * The SDK's clients, made once: half of a short process would go into making them. What they remember of earlier
 * calls (how many retries are left, the pace) is each process's own.
 */
interface Calling {
  readonly process: Process;
  readonly order: number;
  /** What the call itself says of its turn (src/aws/permit.ts). */
  readonly context: object;
}
const calling = new AsyncLocalStorage<Calling>();
const clients = connect({
  region: 'us-east-1',
  endpointUrl: 'http://sandbox.invalid',
  credentials: { accessKeyId: 'AKIASIMULATOR2222222', secretAccessKey: 'not-checked' },
  requestHandler: {
    metadata: { handlerProtocol: 'http/1.1' },
    destroy: () => {},
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    handle: async (request: HttpRequest) => {
      const { process, order } = calling.getStore()!;
      return await process.handle(request, order);
    },
  },
});
const clientNames = ['iam', 'once', 'sts'] as const;
type ClientName = (typeof clientNames)[number];
/** Retries as rollcall has set them up. */
const retries = new Map<
  ClientName,
  { readonly Strategy: typeof StandardRetryStrategy; maxAttempts: number }
>();
for (const name of clientNames) {
  const client = clients[name] as Aws['iam'];
  const { config, middlewareStack } = client;
  const Strategy = (await config.retryStrategy()).constructor as typeof StandardRetryStrategy;
  retries.set(name, { Strategy, maxAttempts: await config.maxAttempts() });
  config.retryStrategy = () => Promise.resolve(calling.getStore()!.process.strategies.get(name)!);
  config.cacheMiddleware = true;
  // Nobody checks the signature of an unknown key: a third of a call's time saved.
  middlewareStack.remove('httpSigningMiddleware');
  middlewareStack.remove('getUserAgentMiddleware');
  const keepPace: FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes> =
    (next, context) => async (args) => {
      const op = (context as { readonly commandName?: string }).commandName?.replace(/Command$/, '') ?? '';
      return await inTurn(calling.getStore()!, op, () => next(args));
    };
  middlewareStack.addRelativeTo(keepPace, {
    relation: 'after',
    toMiddleware: 'retryMiddleware',
    name: 'keepPace',
    override: true,
  });
}
/** Each attempt waits for its turn, as in src/aws/client.ts. */
async function inTurn<T>({ process, context }: Calling, op: string, attempt: () => Promise<T>): Promise<T> {
  try {
    return await whileWanted(context, (once) => process.aws.pace.run(op, once), attempt);
  } catch (error) {
    if (error instanceof Withdrawn) process.withdrawn += 1;
    throw error;
  }
}

type Command = Parameters<Aws['iam']['send']>[0];

async function contextOf({ middlewareStack, input }: Command): Promise<object> {
  const context = {};
  const end = (): Promise<never> => Promise.resolve({ output: {}, response: {} } as never);
  await middlewareStack.resolve(end, context)({ input });
  return context;
}

const authorization =
  'AWS4-HMAC-SHA256 Credential=AKIASIMULATOR2222222/20270101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0';

/** One process of rollcall: nothing of it is left when it dies. */
export class Process {
  readonly aws: Aws;
  readonly sink: SecretSink;
  readonly strategies: ReadonlyMap<ClientName, StandardRetryStrategy>;
  readonly interrupt = new AbortController();
  /** Resolves when the process is killed and none of its calls can reach IAM any more. */
  readonly death: Promise<'died'>;
  #die: (value: 'died') => void = () => {};
  #dead = false;
  /** Calls that rollcall waits for. */
  #open = 0;
  /** The number of the last call: the same whether it goes through the SDK or past it. */
  #last: number;
  readonly #wire: Wire;
  readonly #world: World;
  /** For those who find its lock. */
  readonly id: string;

  constructor(world: World) {
    this.#world = world;
    world.figures.processes += 1;
    this.id = `sim-${world.figures.processes}`;
    this.#last = world.figures.processes * 1e6;
    const { parallelism, maxWait } = world.script;
    this.#wire = new Wire(parallelism);
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
    const computeNextBackoffDelay = (count: number): number => {
      world.pass(100 * 2 ** count);
      return 0;
    };
    this.strategies = new Map(
      [...retries].map(([name, { Strategy, maxAttempts }]) => {
        const backoff = { setDelayBase() {}, computeNextBackoffDelay };
        return [name, new Strategy({ maxAttempts, backoff })];
      }),
    );
    const wait = async (ms: number): Promise<void> => {
      this.#last += 1;
      await world.flow.wait(this, this.#last, ms);
    };
    const elapsed = (): number => world.now.getTime() - start;
    this.aws = {
      ...clients,
      iam: this.#client('iam'),
      once: this.#client('once'),
      sts: this.#client('sts') as unknown as Aws['sts'],
      pace: new Pace({ parallelism, maxWait, clock: { elapsed, wait } }),
      now: () => world.now,
      serverNow: () => world.now,
      wait,
    };
    this.sink = this.#makeSink();
  }

  /** Calls that were never sent, as they were no longer wanted when their turn came. */
  withdrawn = 0;

  get dead(): boolean {
    return this.#dead;
  }

  /** A client of this process alone, through the SDK or past it. */
  #client(name: ClientName): Aws['iam'] {
    const client = clients[name] as Aws['iam'];
    const pastTheWire = async (command: Command, call: Calling): Promise<unknown> =>
      await shortcut(command, this.strategies.get(name)!, (op, input) =>
        inTurn(call, op, () => this.#pastTheWire(op, input, call.order)),
      );
    const send = async (command: Command): Promise<unknown> => {
      if (this.#dead) return await never();
      this.#open += 1;
      this.#last += 1;
      const order = this.#last;
      try {
        const call = { process: this, order, context: await contextOf(command) };
        if (!this.#world.script.wire) return await pastTheWire(command, call);
        return await calling.run(call, () => client.send(command));
      } finally {
        this.#open -= 1;
      }
    };
    return { send, config: client.config } as unknown as Aws['iam'];
  }

  /** What it has sent may still reach IAM. */
  kill(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#world.gone.add(this.id);
    const whenQuiet = (): void => {
      if (!this.#world.flow.holds(this)) this.#die('died');
      else setImmediate(whenQuiet);
    };
    setImmediate(whenQuiet);
  }

  close(): void {
    this.#dead = true;
    this.#world.gone.add(this.id);
  }

  /** Until no call is on its way: reads run side by side, and one may have failed before the others. */
  async idle(): Promise<void> {
    for (let quiet = 0; quiet < 3;) {
      await new Promise((resolve) => setImmediate(resolve));
      const busy = this.#dead ? this.#world.flow.holds(this) : this.#open > 0;
      quiet = busy ? 0 : quiet + 1;
    }
  }

  /** Runs what belongs to this process at this moment; a violated property ends everything. */
  watched<T>(run: () => T): T | null {
    try {
      return run();
    } catch (error) {
      this.#world.violation ??= error;
      this.kill();
      return null;
    }
  }

  /**
   * One call on its way to IAM and back, and what happens to it. Among many on their way, chance says whose turn it is:
   * the calls take effect in one order, and are answered in another.
   */
  async #exchange<T>(sent: Sent, ask: () => T): Promise<{ answer: T; event: EventKind | null }> {
    const { flow } = this.#world;
    if (this.#dead) return await never();
    this.watched(() => this.#wire.enter(sent));
    await flow.turn(this, sent.order);
    if (this.#dead && !flow.arrives(sent.order)) return await never();
    const done = this.#strike(sent, ask);
    if (!done) return await never();
    await flow.turn(this, sent.order);
    if (this.#dead) return await never();
    this.#wire.leave(sent);
    return done;
  }

  /** The call reaches IAM. Null: nobody waits for the answer. */
  #strike<T>(sent: Sent, ask: () => T): { answer: T; event: EventKind | null } | null {
    const world = this.#world;
    const { op } = sent;
    const { tick, event } = world.next(sent, this.#dead);
    world.pass(40);
    if (event === 'second-apply') world.startRival();
    if (event === 'crash-before') {
      world.note(`${tick} killed before ${op}`);
      this.kill();
      return null;
    }
    if (event === 'second-writer') world.interfere(tick);
    // Nothing comes between the look at a key's use and what follows from it: IAM has no conditional call.
    if (event === 'tagger' && !/^(Update|Delete)AccessKey$/.test(op)) world.mislead(tick);
    if (event === 'clock-jump') {
      world.pass(randomAt(world.script.seed, 4, tick).pick([5000, 3600_000, 86_400_000]));
    }
    if (event === 'interrupt') this.interrupt.abort();
    world.iam.faults.rules = event !== null && faults.has(event) ? [{ kind: event as FaultKind }] : [];
    const answer = this.watched(() => {
      world.watcher?.beforeCall(op, sent.field('Password'));
      const reply = ask();
      world.answered(world.iam.journal.at(-1)!, tick);
      return { reply };
    });
    if (event === 'crash-after' && answer) {
      world.note(`${tick} killed after ${op}`);
      this.kill();
    }
    return !answer || this.#dead ? null : { answer: answer.reply, event };
  }

  /** A request of the SDK. */
  async handle(request: HttpRequest, order: number): Promise<{ response: HttpResponse }> {
    const world = this.#world;
    const body = String(request.body ?? '');
    const parameters = new URLSearchParams(body);
    const field = (name: string): string => parameters.get(name) ?? '';
    const { answer } = await this.#exchange({ op: field('Action'), order, field }, () => {
      const headers: Record<string, string> = { authorization };
      for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
      const { method, path } = request;
      const reply = world.iam.answer({ method, path, query: '', headers, body });
      const secret = /<SecretAccessKey>([^<]+)</.exec(reply.body)?.[1];
      if (secret !== undefined) world.watcher?.minted(secret);
      return reply;
    });
    if (answer.lost) throw lostConnection();
    return {
      response: new HttpResponse({
        statusCode: answer.status,
        headers: { ...answer.headers },
        body: Buffer.from(answer.body),
      }),
    };
  }

  /** The same without XML. */
  async #pastTheWire(op: string, input: object, order: number): Promise<object> {
    const { iam, watcher } = this.#world;
    const field = (name: string): string => {
      const value = (input as { readonly [name: string]: unknown })[name];
      return typeof value === 'string' ? value : '';
    };
    const { answer, event } = await this.#exchange({ op, order, field }, () => {
      try {
        const output = iam.call(op as OpName, input, { faults: true });
        const secret = (output as { AccessKey?: { SecretAccessKey?: string } }).AccessKey?.SecretAccessKey;
        if (op === 'CreateAccessKey' && secret !== undefined) watcher?.minted(secret);
        return { output };
      } catch (error) {
        if (error instanceof IamError) return { error };
        throw error;
      }
    });
    if (event === 'lost-reply-before' || event === 'lost-reply-after') throw lostConnection();
    if (event === 'cut-reply') throw cutReply();
    if (answer.error) throw serviceError(answer.error);
    return answer.output ?? {};
  }

  /** Deliveries are on a disk: they survive, they fail, and the process may die on either side of them. */
  async #deliver(store: () => void): Promise<void> {
    if (this.#dead) return await never();
    this.#last += 1;
    const order = this.#last;
    await this.#world.flow.turn(this, order);
    if (this.#dead) return await never();
    const { event } = this.#world.next({ op: 'delivery', order });
    if (event === 'crash-before') this.kill();
    if (event === 'crash-before') return await never();
    if (event === 'sink-fails') throw new Error('no space is left');
    store();
    if (event === 'crash-after') this.kill();
    if (event === 'crash-after') return await never();
  }

  #makeSink(): SecretSink {
    const { deliveredKeys, deliveredPasswords } = this.#world;
    return {
      deliverAccessKey: async ({ accessKeyId }) => {
        await this.#deliver(() => deliveredKeys.add(accessKeyId));
        return null;
      },
      deliverPassword: async ({ password }) => {
        await this.#deliver(() => deliveredPasswords.add(password));
        return password;
      },
      undo: async (delivered) => {
        await this.#deliver(() => deliveredPasswords.delete(String(delivered)));
      },
      generatePassword: () => this.#world.generatePassword(),
    };
  }
}
