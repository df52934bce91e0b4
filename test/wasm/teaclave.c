/* A function as Teaclave's wasm executor had them: no library, five imports, entrypoint(argc, argv). For the tests of exec/wasm/teaclave.c. */
__attribute__((import_module("env"), import_name("teaclave_open_input"))) int open_input(const char *name);
__attribute__((import_module("env"), import_name("teaclave_create_output"))) int create_output(const char *name);
__attribute__((import_module("env"), import_name("teaclave_read_file"))) int read_file(int file, void *to, int size);
__attribute__((import_module("env"), import_name("teaclave_write_file"))) int write_file(int file, const void *from, int size);
__attribute__((import_module("env"), import_name("teaclave_close_file"))) int close_file(int file);

static int number(const char *text)
{
	int value = 0;

	for (; *text; text++) {
		value = value * 10 + (*text - '0');
	}
	return value;
}

static int copy(const char *from, const char *to)
{
	char part[7];
	int in = open_input(from), out = create_output(to), all = 0, n;

	while ((n = read_file(in, part, sizeof(part))) > 0) {
		if (write_file(out, part, n) != n) {
			return -1;
		}
		all += n;
	}
	return n < 0 || close_file(in) || close_file(out) ? -1 : all;
}

/* How many of these wrongly succeed. */
static int wrongs(void)
{
	char byte = 0;
	int in = open_input("a"), out = create_output("b"), bad = 0;

	bad += open_input("b") != -1;
	bad += open_input("") != -1;
	bad += open_input((const char *)0xfffffff0) != -1;
	bad += open_input((const char *)-1) != -1;
	bad += create_output("a") != -1;
	bad += create_output("../a") != -1;
	bad += read_file(out, &byte, 1) != -1;
	bad += write_file(in, &byte, 1) != -1;
	bad += read_file(0, &byte, 1) != -1;            /* the streams and folders of WASI are not its own */
	bad += write_file(1, &byte, 1) != -1;
	bad += write_file(1 | 0x40000000, &byte, 1) != -1;
	bad += read_file(3, &byte, 1) != -1;
	bad += read_file(in, (void *)-8, 64) != -1;
	bad += write_file(out, (const void *)-8, 64) != -1;
	bad += write_file(out, &byte, -1) != -1;
	bad += close_file(3) != -1;
	bad += close_file(-1) != -1;
	bad += close_file(in) != 0 || close_file(in) != -1;
	bad += read_file(in, &byte, 1) != -1;
	return bad;
}

__attribute__((export_name("entrypoint"))) int entrypoint(int argc, char *argv[])
{
	if (argc == 3 && argv[0][0] == '+') {
		return number(argv[1]) + number(argv[2]);
	}
	if (argc == 3 && argv[0][0] == 'c') {
		return copy(argv[1], argv[2]);
	}
	if (argc == 1 && argv[0][0] == 'w') {
		return wrongs();
	}
	return argc == 0 ? 0 : 77;
}
