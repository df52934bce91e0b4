/*
 * What a function sees: WASI preview 1, nothing else.
 *
 *   /in/NAME    each input of the contract, read only, seekable
 *   /out/NAME   each output of the contract, created by opening it for writing; written sequentially or by seeking
 *   argv        argv[0] = "function", then the contract's arguments
 *   exit        0 is success; any other code makes the task Failed, and no output leaves
 * stdout and stderr are counted and thrown away: they would carry data past the output guards.
 * Clocks run; in deterministic mode they stand at zero, and random_get gives bytes that follow from the contract and the run's number.
 * There are no sockets, no other files, no environment variables, no processes and no threads.
 *
 * A module that was built for Teaclave's wasm executor runs as it is: imports env.teaclave_open_input, _create_output, _read_file, _write_file,
 * _close_file, with the contract's names of inputs and outputs; entry int entrypoint(int argc, char *argv[]), argv being the arguments alone.
 * What it returns goes in decimal to the output "result", where the contract has one; else it is the exit code.
 */
#ifndef MESATEE_FN_H
#define MESATEE_FN_H

#define MESATEE_FN_INPUT "/in/"
#define MESATEE_FN_OUTPUT "/out/"

#endif
