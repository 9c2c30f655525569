import { Command } from 'commander';
import type { Option } from 'commander';
import type { Io } from '../../app/io.ts';
import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { kinds } from '../../kinds/index.ts';
import { addGlobals } from '../options.ts';
import type { GlobalOptions, Use } from '../options.ts';
import { topics } from '../package.ts';
import { Terminal } from '../terminal.ts';

/** A command as it is declared. */
interface Declared {
  readonly name: string;
  readonly description: string;
  readonly uses: readonly Use[];
  readonly declare?: (command: Command) => Command;
}

/** An option that a shell can complete. */
interface Offered {
  /** `--format`, `-m` */
  readonly names: readonly string[];
  readonly about: string;
  readonly takesValue: boolean;
  /** Empty: any value, and so a file. */
  readonly choices: readonly string[];
}

interface Completed {
  readonly words: readonly string[];
  readonly about: string;
  readonly options: readonly Offered[];
  /** What the first argument may be. */
  readonly choices: readonly string[];
}

/** Prints what a shell reads to complete command lines: commands, options, their choices, and files. */
export function completion(
  io: Io,
  shell: 'bash' | 'zsh' | 'fish',
  options: GlobalOptions,
  commands: readonly Declared[],
): Promise<ExitCode> {
  const scripts = { bash, zsh, fish };
  new Terminal(io, options).product(scripts[shell](commands.map(completed)));
  return Promise.resolve(exitCode.done);
}

/** With the options that its help lists. */
function completed({ name, description, uses, declare = (command) => command }: Declared): Completed {
  const command = addGlobals(declare(new Command()), uses);
  return {
    words: name.split(' '),
    about: description,
    options: [
      ...command.options.filter(({ hidden }) => !hidden).map(offered),
      { names: ['-h', '--help'], about: 'display help for command', takesValue: false, choices: [] },
    ],
    choices: command.registeredArguments[0]?.argChoices ?? [],
  };
}

const offered = ({ short, long, description, required, argChoices = [] }: Option): Offered => ({
  names: [short, long].flatMap((one) => one ?? []),
  about: description,
  takesValue: required,
  choices: long === '--target' ? kinds.map(({ name, only = '' }) => [name, only].join(':')) : argChoices,
});

const names = (options: readonly Offered[]): string[] => options.flatMap((option) => option.names);

/** First words, and of groups the second ones. */
function firstWords(all: readonly Completed[]): {
  readonly first: string[];
  readonly groups: Map<string, string[]>;
} {
  const groups = new Map<string, string[]>();
  for (const { words } of all) {
    const [group, own] = words;
    if (own !== undefined) groups.set(group!, [...(groups.get(group!) ?? []), own]);
  }
  return { first: [...new Set(all.map(({ words }) => words[0]!))], groups };
}

/** A pattern of `case` for each option with a value, and what it may be. */
const valueCases = (all: readonly Completed[]): string[] =>
  all.flatMap(({ words, options, choices }) => [
    ...options
      .filter(({ takesValue }) => takesValue)
      .flatMap(({ names: own, choices: values }) =>
        own.map((name) => `    '${words.join(' ')} ${name}') values='${values.join(' ')}' ;;`),
      ),
    ...(choices.length > 0 ? [`    '${words.join(' ')} ') values='${choices.join(' ')}' ;;`] : []),
  ]);

/** The part that bash and zsh share: `words` and `at` in, `offers` out; none: files. */
function shared(all: readonly Completed[]): string {
  const { first, groups } = firstWords(all);
  const optionCases = all.map(
    ({ words, options }) => `    '${words.join(' ')}') options='${names(options).join(' ')}' ;;`,
  );
  return `_rollcall_offers() {
  local current="$1" previous="$2" first="$3" second="$4" at="$5" called options='' values=''
  offers=''
  if [ "$at" -eq 1 ]; then offers='${[...first, '--help', '--version'].join(' ')}'; return; fi
  called="$first"
  case "$first" in
    help) [ "$at" -eq 2 ] && offers='${[...new Set([...first, ...topics()])].join(' ')}'; return ;;
${[...groups].map(([group, own]) => `    ${group}) if [ "$at" -eq 2 ]; then offers='${own.join(' ')}'; return; fi; called="$first $second" ;;`).join('\n')}
  esac
  case "$called" in
${optionCases.join('\n')}
  esac
  case "$previous" in
    -*) case "$called $previous" in
${valueCases(all).join('\n')}
      esac
      if [ -n "$values" ]; then offers="$values"; return; fi ;;
    "$called") case "$called " in
${valueCases(all)
  .filter((line) => / '\) values/.test(line))
  .join('\n')}
        *) ;;
      esac
      case "$current" in -*) ;; *) if [ -n "$values" ]; then offers="$values"; return; fi ;; esac ;;
  esac
  case "$current" in -*) offers="$options" ;; esac
}
`;
}

const bash = (
  all: readonly Completed[],
): string => `# rollcall completion bash: source <(rollcall completion bash)
${shared(all)}
_rollcall() {
  local offers
  _rollcall_offers "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}" "\${COMP_WORDS[1]:-}" "\${COMP_WORDS[2]:-}" "$COMP_CWORD"
  COMPREPLY=()
  if [ -n "$offers" ]; then
    while IFS= read -r offer; do COMPREPLY+=("$offer"); done < <(compgen -W "$offers" -- "\${COMP_WORDS[COMP_CWORD]}")
    case "\${COMPREPLY[*]}" in *:) compopt -o nospace 2> /dev/null ;; esac
  fi
}
complete -o default -F _rollcall rollcall
`;

const zsh = (all: readonly Completed[]): string => `#compdef rollcall
# rollcall completion zsh: source <(rollcall completion zsh), or as _rollcall in a directory of $fpath
${shared(all)}
_rollcall() {
  local offers
  _rollcall_offers "\${words[CURRENT]}" "\${words[CURRENT-1]}" "\${words[2]:-}" "\${words[3]:-}" "$((CURRENT - 1))"
  case "$offers" in
    '') _files ;;
    *:*) compadd -S '' -- \${=offers} ;;
    *) compadd -- \${=offers} ;;
  esac
}
if [ "\${funcstack[1]}" = _rollcall ]; then _rollcall "$@"; else compdef _rollcall rollcall; fi
`;

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fish(all: readonly Completed[]): string {
  const { first } = firstWords(all);
  const lines = all.flatMap(({ words, about, options, choices }) => {
    const [group, own] = words;
    const at =
      own === undefined
        ? `__fish_seen_subcommand_from ${group}`
        : `__fish_seen_subcommand_from ${group}; and __fish_seen_subcommand_from ${own}`;
    return [
      own === undefined
        ? `complete -c rollcall -n __fish_use_subcommand -f -a ${group} -d ${quoted(about)}`
        : `complete -c rollcall -n '__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ${own}' -f -a ${own} -d ${quoted(about)}`,
      ...options.map(({ names: flags, about: what, takesValue, choices: values }) =>
        [
          `complete -c rollcall -n '${at}'`,
          ...flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)),
          ...(takesValue ? ['-r'] : []),
          ...(values.length > 0 ? [`-f -a ${quoted(values.join(' '))}`] : []),
          `-d ${quoted(what)}`,
        ].join(' '),
      ),
      ...(choices.length > 0 ? [`complete -c rollcall -n '${at}' -f -a ${quoted(choices.join(' '))}`] : []),
    ];
  });
  return `# rollcall completion fish | source\n${[
    ...lines,
    ...first
      .filter((word) => all.every(({ words }) => words[0] !== word || words.length > 1))
      .map((word) => `complete -c rollcall -n __fish_use_subcommand -f -a ${word}`),
  ].join('\n')}\n`;
}
