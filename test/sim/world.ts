import { AsyncLocalStorage } from 'node:async_hooks';
import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest } from '@smithy/core/protocols';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { connect } from '../../src/aws/client.ts';
import type { Aws } from '../../src/aws/client.ts';
import type { SecretSink } from '../../src/aws/secrets.ts';
import { stableJson } from '../../src/core/json.ts';
import { createIam, IamError } from '../../src/sandbox/index.ts';
import type { FaultKind, Iam, JournalEntry, OpName } from '../../src/sandbox/index.ts';
import { secondWriter, tagger } from './outside.ts';
import type { Touch } from './outside.ts';
import { randomAt } from './random.ts';
import { eventKinds, start } from './script.ts';
import type { ChaosEvent, EventKind, Script } from './script.ts';
import { cutReply, lostConnection, serviceError, shortcut } from './shortcut.ts';
import { accountId } from './universe.ts';
import { Violation } from './watch.ts';

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

/**
 * A second apply at the same time. It makes so many calls as it is given, then waits while the first goes on: the same
 * seed gives the same interleaving.
 */
class Rival {
  #left = 0;
  #waiting: (() => void)[] = [];
  #rested: (() => void) | null = null;
  #ended: Promise<unknown> = Promise.resolve();
  #over = false;

  begin(work: () => Promise<unknown>): void {
    this.#ended = work().finally(() => {
      this.#over = true;
      this.#rested?.();
    });
    // Awaited by whoever lets it end.
    this.#ended.catch(() => {});
  }

  /** Before each call of the second. */
  async turn(): Promise<void> {
    while (this.#left <= 0) {
      this.#rested?.();
      await new Promise<void>((resume) => this.#waiting.push(resume));
    }
    this.#left -= 1;
  }

  /** Lets the second make so many calls. */
  async go(calls: number): Promise<void> {
    if (calls === 0 || this.#over) return;
    this.#left = calls;
    const rested = new Promise<void>((resolve) => {
      this.#rested = resolve;
    });
    for (const resume of this.#waiting.splice(0)) resume();
    await rested;
    this.#rested = null;
  }

  /** To its end. */
  async finish(): Promise<void> {
    this.#left = Number.POSITIVE_INFINITY;
    for (const resume of this.#waiting.splice(0)) resume();
    await this.#ended;
  }
}

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
  rival: Rival | null = null;
  watcher: Watcher | null = null;
  /** The tail is calm. */
  calm = false;
  violation: unknown = null;
  #time = start;
  #tick = 0;
  #hash = 0x811c9dc5;
  #hash2 = 0x12345;
  #planned: Map<number, ChaosEvent[]> | null;
  #burst: { kind: EventKind; left: number } | null = null;
  #passwords = 0;

  constructor(script: Script) {
    this.script = script;
    this.iam = createIam({ account: accountId, seed: script.seed, clock: () => this.now, journalCap: 64 });
    this.#planned = script.events ? byTick(script.events) : null;
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

  async startRival(): Promise<void> {
    if (this.second === null || this.rival !== null) return;
    this.note('  a second apply begins');
    this.rival = new Rival();
    this.rival.begin(this.second);
    await this.rival.go(randomAt(this.script.seed, 6, this.tick).pick([0, 1, 4, 100]));
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

  /** What strikes the call or delivery that comes now. */
  next(op: string): { readonly tick: number; readonly event: EventKind | null } {
    const tick = this.#tick;
    this.#tick += 1;
    if (this.calm) return { tick, event: null };
    if (this.script.chaos.forbidden.includes(op)) return { tick, event: this.#count('denied') };
    if (this.#burst && this.#burst.left > 0) {
      this.#burst.left -= 1;
      return { tick, event: this.#count(this.#burst.kind) };
    }
    const event = this.#planned ? this.#planned.get(tick)?.[0] : this.#draw(tick);
    if (!event) return { tick, event: null };
    this.struck.push(event);
    this.#burst = event.span > 1 ? { kind: event.kind, left: event.span - 1 } : null;
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
    const touch = secondWriter(randomAt(this.script.seed, 3, tick, salt), this.iam);
    if (!touch) return;
    this.note(`  somebody else: ${touch.text}`);
    this.watcher?.touched(touch, tick);
  }

  /** Somebody who may only tag users does so. */
  mislead(tick: number): void {
    const usable = (id: string): boolean => this.deliveredKeys.has(id) || !this.watcher?.made(id);
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
 * calls (how many retries are left) is re-created for each process.
 */
const calling = new AsyncLocalStorage<Process>();
const clients = connect({
  region: 'us-east-1',
  endpointUrl: 'http://sandbox.invalid',
  credentials: { accessKeyId: 'AKIASIMULATOR2222222', secretAccessKey: 'not-checked' },
  requestHandler: {
    metadata: { handlerProtocol: 'http/1.1' },
    destroy: () => {},
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    handle: (request: HttpRequest) => calling.getStore()!.handle(request),
  },
});
for (const client of [clients.iam, clients.once, clients.sts] as Aws['iam'][]) {
  client.config.cacheMiddleware = true;
  // Nobody checks the signature of an unknown key: a third of a call's time saved.
  client.middlewareStack.remove('httpSigningMiddleware');
  client.middlewareStack.remove('getUserAgentMiddleware');
}
/** Retries as rollcall has set them up. */
const retries = Object.fromEntries(
  await Promise.all(
    (['iam', 'once', 'sts'] as const).map(async (name) => {
      const { config } = clients[name];
      const Strategy = (await config.retryStrategy()).constructor as typeof StandardRetryStrategy;
      return [name, { Strategy, maxAttempts: await config.maxAttempts() }] as const;
    }),
  ),
);
const authorization =
  'AWS4-HMAC-SHA256 Credential=AKIASIMULATOR2222222/20270101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0';

/** One process of rollcall: nothing of it is left when it dies. */
export class Process {
  readonly aws: Aws;
  readonly sink: SecretSink;
  readonly interrupt = new AbortController();
  /** Resolves when the process is killed and none of its calls can reach IAM any more. */
  readonly death: Promise<'died'>;
  #die: (value: 'died') => void = () => {};
  #dead = false;
  /** Calls that are on their way, and those that nobody will answer. */
  #sent = 0;
  #parked = 0;
  readonly #world: World;
  /** For those who find its lock. */
  readonly id: string;
  /** It was started while another applies. */
  readonly #rival: boolean;

  constructor(world: World) {
    this.#world = world;
    world.figures.processes += 1;
    this.id = `sim-${world.figures.processes}`;
    this.#rival = world.rival !== null;
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
    this.aws = {
      ...clients,
      iam: this.#client('iam'),
      once: this.#client('once'),
      sts: this.#client('sts') as unknown as Aws['sts'],
      now: () => world.now,
      serverNow: () => world.now,
      wait: (ms) => {
        world.pass(ms);
        return Promise.resolve();
      },
    };
    this.sink = this.#makeSink();
  }

  /** A client of this process alone, through the SDK or past it. */
  #client(name: 'iam' | 'once' | 'sts'): Aws['iam'] {
    const { Strategy, maxAttempts } = retries[name]!;
    const computeNextBackoffDelay = (count: number): number => {
      this.#world.pass(100 * 2 ** count);
      return 0;
    };
    const strategy = new Strategy({ maxAttempts, backoff: { setDelayBase() {}, computeNextBackoffDelay } });
    const client = clients[name] as Aws['iam'];
    if (this.#world.script.wire) client.config.retryStrategy = () => Promise.resolve(strategy);
    type Command = Parameters<Aws['iam']['send']>[0];
    const send = async (command: Command): Promise<unknown> => {
      if (this.#dead) return await never();
      this.#sent += 1;
      try {
        if (this.#world.script.wire) return await calling.run(this, () => client.send(command));
        return await shortcut(command, strategy, (op, input) => this.#pastTheWire(op, input));
      } finally {
        this.#sent -= 1;
      }
    };
    return { send, config: client.config } as unknown as Aws['iam'];
  }

  kill(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#world.gone.add(this.id);
    const whenQuiet = (): void => {
      if (this.#parked >= this.#sent) this.#die('died');
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
      quiet = this.#parked < this.#sent ? 0 : quiet + 1;
    }
  }

  async #park<T>(): Promise<T> {
    this.#parked += 1;
    return await never();
  }

  /** Runs what belongs to this process at this moment; a violated property ends everything. */
  #watched<T>(run: () => T): T | null {
    try {
      return run();
    } catch (error) {
      this.#world.violation ??= error;
      this.kill();
      return null;
    }
  }

  /** One call on its way to IAM and back, and what happens to it. */
  async #exchange<T>(
    op: string,
    password: string,
    ask: () => T,
  ): Promise<{ answer: T; event: EventKind | null }> {
    if (this.#dead) return await this.#park();
    const world = this.#world;
    if (this.#rival) await world.rival?.turn();
    else await world.rival?.go(randomAt(world.script.seed, 5, world.tick).pick([0, 0, 1, 1, 2, 5, 40]));
    if (this.#dead) return await this.#park();
    const { tick, event } = world.next(op);
    world.pass(40);
    if (event === 'second-apply' && !this.#rival) await world.startRival();
    if (event === 'crash-before') {
      world.note(`${tick} killed before ${op}`);
      this.kill();
      return await this.#park();
    }
    if (event === 'second-writer') world.interfere(tick);
    // Nothing comes between the look at a key's use and what follows from it: IAM has no conditional call.
    if (event === 'tagger' && !/^(Update|Delete)AccessKey$/.test(op)) world.mislead(tick);
    if (event === 'clock-jump') {
      world.pass(randomAt(world.script.seed, 4, tick).pick([5000, 3600_000, 86_400_000]));
    }
    if (event === 'interrupt') this.interrupt.abort();
    world.iam.faults.rules = event !== null && faults.has(event) ? [{ kind: event as FaultKind }] : [];
    const answer = this.#watched(() => {
      world.watcher?.beforeCall(op, password);
      const reply = ask();
      world.answered(world.iam.journal.at(-1)!, tick);
      return { reply };
    });
    if (event === 'crash-after' && answer) {
      world.note(`${tick} killed after ${op}`);
      this.kill();
    }
    if (!answer || this.#dead) return await this.#park();
    return { answer: answer.reply, event };
  }

  /** A request of the SDK. */
  async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    const world = this.#world;
    const body = String(request.body ?? '');
    const parameters = new URLSearchParams(body);
    const { answer } = await this.#exchange(
      parameters.get('Action') ?? '',
      parameters.get('Password') ?? '',
      () => {
        const headers: Record<string, string> = { authorization };
        for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
        const reply = world.iam.answer({
          method: request.method,
          path: request.path,
          query: '',
          headers,
          body,
        });
        const secret = /<SecretAccessKey>([^<]+)</.exec(reply.body)?.[1];
        if (secret !== undefined) world.watcher?.minted(secret);
        return reply;
      },
    );
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
  async #pastTheWire(op: string, input: object): Promise<object> {
    const { iam, watcher } = this.#world;
    const { answer, event } = await this.#exchange(
      op,
      (input as { Password?: string }).Password ?? '',
      () => {
        try {
          const output = iam.call(op as OpName, input, { faults: true });
          const secret = (output as { AccessKey?: { SecretAccessKey?: string } }).AccessKey?.SecretAccessKey;
          if (op === 'CreateAccessKey' && secret !== undefined) watcher?.minted(secret);
          return { output };
        } catch (error) {
          if (error instanceof IamError) return { error };
          throw error;
        }
      },
    );
    if (event === 'lost-reply-before' || event === 'lost-reply-after') throw lostConnection();
    if (event === 'cut-reply') throw cutReply();
    if (answer.error) throw serviceError(answer.error);
    return answer.output ?? {};
  }

  /** Deliveries are on a disk: they survive, they fail, and the process may die on either side of them. */
  async #deliver(store: () => void): Promise<void> {
    if (this.#dead) return await never();
    const { event } = this.#world.next('delivery');
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
