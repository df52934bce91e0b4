/*
 * The Python worker (api/worker.h, WORK_LOAD and WORK_RUN): one function, once, in CPython for WASI. What is loaded is the function's source:
 * one .py file, or a zip with a __main__.py.
 *
 * The interpreter is up before core speaks. The function then runs as a script, `__name__` being "__main__"; a function main(inputs, outputs,
 * args) that it leaves behind is called with two dictionaries from a name to its path and the list of arguments (driver.py).
 * Exit: 0, or what it gave to sys.exit(), or 1 for an exception that it did not catch.
 *
 * Hides: the engine, the artifact, how the interpreter is driven. Class B: foreign code runs here, beside one task's plaintext and no key.
 */
#ifndef MT_EXEC_PYTHON_H
#define MT_EXEC_PYTHON_H

#include <stdbool.h>

#define PYTHON_ARTIFACT "python.cwasm"          /* compiled by aot.c */
#define PYTHON_LIBRARY "python-stdlib.zip"

/* The whole of the image's main(): one function, once. `folder` holds the two files above; it is read before the promise. The exit status. */
int python_worker(const char *folder);

/*
 * The same for many: an interpreter that runs nothing itself, but forks for each ZYGOTE_FORK of the launcher's (port/linux/linux.h) a
 * process that then is a Python worker. With `packages` numpy, pandas, scipy and scikit-learn are imported before, for all.
 *
 * What a copy inherits is what every copy inherits: measured code and its state before any task. Random generators are seeded again in
 * each. The secret of str's hash cannot be: it is the zygote's.
 */
int python_zygote(const char *folder, bool packages);

#endif
