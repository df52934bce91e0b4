/* main() of functions, renamed by tests.mk so that one program can call them all. */
#ifndef MT_TEST_BUILTIN_FUNCTIONS_H
#define MT_TEST_BUILTIN_FUNCTIONS_H

int intersect_main(int argc, char **argv);
int join_main(int argc, char **argv);
int sum_main(int argc, char **argv);
int describe_main(int argc, char **argv);
int password_main(int argc, char **argv);

#endif
