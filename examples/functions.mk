# Functions for contracts: C for WASI, each build/functions/NAME.wasm.
FUNCTIONS += psi
FUNCTION_psi_SOURCES := examples/psi/psi.c
FUNCTION_psi_FLAGS := -D_GNU_SOURCE
