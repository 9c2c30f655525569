import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { need } from '../delivery/keys.ts';
import { bareEnvironment, run, scratch, testHome } from '../support/cli.ts';

/** What people see while they write manifests, told by the program behind VS Code's YAML extension, Neovim and others. */
const server = need('yaml-language-server');

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Mark {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

/** An editor with a folder open, as the Language Server Protocol has it: messages over stdin and stdout. */
class Editor {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #settings: object;
  readonly #answers = new Map<number, (answer: Message) => void>();
  readonly #marks = new Map<string, (marks: readonly Mark[]) => void>();
  #read = Buffer.alloc(0);
  #asked = 0;

  constructor(settings: object) {
    this.#settings = settings;
    // An own home, and no way to the network: a proxy that nobody serves.
    const proxy = 'http://127.0.0.1:9';
    const env = {
      ...bareEnvironment(),
      PATH: process.env['PATH'],
      HOME: testHome(),
      http_proxy: proxy,
      https_proxy: proxy,
    };
    this.#child = spawn('yaml-language-server', ['--stdio'], { env });
    this.#child.stderr.resume();
    this.#child.stdout.on('data', (data: Buffer) => {
      this.#read = Buffer.concat([this.#read, data]);
      for (let message = this.#next(); message; message = this.#next()) this.#take(message);
    });
  }

  static async open(folder: string, settings: object = {}): Promise<Editor> {
    const editor = new Editor({ http: { proxy: 'http://127.0.0.1:9' }, ...settings });
    const uri = pathToFileURL(folder).href;
    await editor.ask('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'repository' }],
      capabilities: {
        workspace: { configuration: true, workspaceFolders: true },
        textDocument: { hover: { contentFormat: ['markdown'] } },
      },
    });
    editor.#send({ method: 'initialized', params: {} });
    return editor;
  }

  /** @returns what the server marks in it. */
  show(path: string): Promise<readonly Mark[]> {
    const uri = pathToFileURL(path).href;
    const text = readFileSync(path, 'utf8');
    return new Promise((done) => {
      this.#marks.set(uri, done);
      this.#send({
        method: 'textDocument/didOpen',
        params: { textDocument: { uri, languageId: 'yaml', version: 1, text } },
      });
    });
  }

  /** The text where the pointer rests on the first of these words. */
  async hover(path: string, word: string): Promise<string> {
    const answer = await this.ask('textDocument/hover', at(path, word));
    return (answer as { contents: { value: string } } | null)?.contents.value ?? '';
  }

  async complete(path: string, word: string): Promise<string[]> {
    const answer = await this.ask('textDocument/completion', at(path, word));
    return (answer as { items: { label: string }[] }).items.map(({ label }) => label);
  }

  close(): void {
    this.#child.kill();
  }

  async ask(method: string, params: object): Promise<unknown> {
    this.#asked += 1;
    const id = this.#asked;
    const { result, error } = await new Promise<Message>((done) => {
      this.#answers.set(id, done);
      this.#send({ id, method, params });
    });
    if (error) throw new Error(error.message);
    return result;
  }

  #next(): Message | null {
    const end = this.#read.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const from = end + 4;
    const length = Number(/Content-Length: (\d+)/i.exec(this.#read.subarray(0, end).toString())![1]);
    if (this.#read.length < from + length) return null;
    const body = this.#read.subarray(from, from + length).toString();
    this.#read = this.#read.subarray(from + length);
    return JSON.parse(body) as Message;
  }

  #take({ id, method, params, ...answer }: Message): void {
    if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: readonly Mark[] };
      this.#marks.get(uri)?.(diagnostics);
    } else if (method === 'workspace/configuration') {
      const { items } = params as { items: readonly { section: string }[] };
      const settings = this.#settings as Readonly<Record<string, unknown>>;
      this.#send({ id: id!, result: items.map(({ section }) => settings[section] ?? null) });
    } else if (method !== undefined) {
      if (id !== undefined) this.#send({ id, result: null });
    } else this.#answers.get(id!)?.({ id: id!, ...answer });
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }
}

/** The end of the first of these words in a file. */
function at(path: string, word: string): object {
  const text = readFileSync(path, 'utf8');
  const lines = text.slice(0, text.indexOf(word) + word.length).split('\n');
  const position = { line: lines.length - 1, character: lines.at(-1)!.length };
  return { textDocument: { uri: pathToFileURL(path).href }, position };
}

const anna = `users:
  anna:
    groups: [admins]
    expires: 31.12.2026
    accessKey: { deliverTo: anna@example.com }
    attach: [aws:ReadOnlyAccess, "arn:aws:s3:::reports"]
    owner: team-images
    x-cost-centre: 12
    \n`;

describe.skipIf(server.missing)(`in an editor${server.note}`, () => {
  let editor: Editor | undefined;

  afterEach(() => editor?.close());

  /** A repository that `init` began. */
  async function repository(): Promise<string> {
    const cwd = scratch();
    expect(await run(['init', '--account', '123456789012'], { cwd })).toMatchObject({ code: 0 });
    mkdirSync(join(cwd, 'manifests/people'));
    return cwd;
  }

  /** The line that `schema` tells for a file in a subfolder that lacks it. */
  async function line(cwd: string): Promise<string> {
    const { stderr } = await run(['schema'], { cwd });
    return /# yaml-language-server: \S+/.exec(stderr)![0];
  }

  /** What is marked, line by line; what is shown of `expires`; and which of some keys are proposed below the last. */
  async function seen(path: string): Promise<object> {
    const marks = [...(await editor!.show(path))].sort((a, b) => a.range.start.line - b.range.start.line);
    const rows = readFileSync(path, 'utf8').split('\n');
    const keys = await editor!.complete(path, 'x-cost-centre: 12\n    ');
    const asked = ['boundary', 'console', 'suspended', 'expires', 'groups', 'members'];
    return {
      marked: marks.map(({ message, range }) => [rows[range.start.line]!.trim(), message]),
      shown: (await editor!.hover(path, 'expires')).split('\n').find((row) => row.startsWith('Last day')),
      proposed: asked.filter((key) => keys.includes(key)),
    };
  }

  const help = {
    marked: [
      ['expires: 31.12.2026', 'write a date such as 2027-01-31, or an instant such as 2027-01-31T18:00:00Z'],
      [
        'accessKey: { deliverTo: anna@example.com }',
        'write a public key: age1… or the line of a .pub file that begins with ssh-ed25519 or ssh-rsa',
      ],
      [
        'attach: [aws:ReadOnlyAccess, "arn:aws:s3:::reports"]',
        'write the name of a policy, aws:ReadOnlyAccess, or an ARN such as arn:aws:iam::123456789012:policy/name',
      ],
    ],
    shown:
      'Last day (`2027-01-31`: to its end, in UTC) or instant (`2027-01-31T18:00:00+01:00`) at which this counts. Afterwards it is as if it were not in the file.',
    // Not those that are there already, and none of a group.
    proposed: ['boundary', 'console', 'suspended'],
  };

  test('what init writes is explained, and nothing in it is marked', async () => {
    const cwd = await repository();
    editor = await Editor.open(cwd);
    const path = join(cwd, 'manifests/account.yaml');
    expect(await editor.show(path)).toEqual([]);
    expect(await editor.hover(path, '\nrails')).toContain(
      'Limits that stop a plan **before its first write**',
    );
  });

  test('a file in a subfolder with the line is explained, completed and checked, offline', async () => {
    const cwd = await repository();
    const path = join(cwd, 'manifests/people/anna.yaml');
    writeFileSync(path, anna);
    writeFileSync(path, `${await line(cwd)}\n${anna}`);
    editor = await Editor.open(cwd);
    expect(await seen(path)).toEqual(help);
  });

  test('without the line, the setting that docs/editors.md shows does the same', async () => {
    const cwd = await repository();
    const path = join(cwd, 'manifests/people/anna.yaml');
    writeFileSync(path, anna);
    const [, setting] = /```json\n(.*?)```/s.exec(readFileSync('docs/editors.md', 'utf8'))!;
    const schemas = (JSON.parse(setting!) as { readonly 'yaml.schemas': object })['yaml.schemas'];
    editor = await Editor.open(cwd, { yaml: { schemas, hover: true, completion: true, validate: true } });
    expect(await seen(path)).toEqual(help);
  });
});
