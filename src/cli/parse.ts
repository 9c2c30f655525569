import { Command, CommanderError } from 'commander';
import type { OptionValues } from 'commander';
import { RollcallError } from '../core/errors.ts';
import { addGlobals } from './options.ts';

/**
 * The options of a command that another one calls: those that it gives, and then what the arguments say.
 *
 * @throws RollcallError for arguments that the command does not take.
 */
export function parseOptions<Options extends OptionValues>(
  declare: (command: Command) => Command,
  given: { readonly [name in keyof Options]?: Options[name] | undefined },
  args: readonly string[],
): Options {
  const said: string[] = [];
  const command = declare(addGlobals(new Command()))
    .exitOverride()
    .configureOutput({ writeErr: (text) => said.push(text) });
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) command.setOptionValueWithSource(name, value, 'config');
  }
  try {
    return command.parse([...args], { from: 'user' }).opts<Options>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new RollcallError(
      said
        .join('')
        .trim()
        .replace(/^error: /, ''),
    );
  }
}
