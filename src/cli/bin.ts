#!/usr/bin/env node
/** Entry point of the `zkfinality` command. */
import { EnvironmentError } from '../statement/errors.js';
import { main } from './main.js';
import { reportError } from './output.js';

// A reader that goes away, as in `| head -1`, has seen enough: the exit code still tells the verdict. Any other failure means that nobody was told.
let failure: NodeJS.ErrnoException | undefined;
process.stdout.on('error', (error) => {
  failure ??= error;
});
process.stderr.on('error', () => undefined);

const exitCode = await main(process.argv.slice(2));
// Streams tell their errors in the next turn.
await new Promise(setImmediate);
process.exitCode =
  failure === undefined || failure.code === 'EPIPE'
    ? exitCode
    : reportError(
        new EnvironmentError(
          'OUTPUT_FAILED',
          `standard output: the system refuses to write to it (${failure.message}). Write it somewhere else.`,
          { cause: failure },
        ),
        false,
      );
