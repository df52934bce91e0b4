/*
 * Private to party/cli: the tables, the parsed command line, and how things are shown.
 */
#ifndef PARTY_CLI_PRIVATE_H
#define PARTY_CLI_PRIVATE_H

#include <stdio.h>

#include "api/mesatee.h"
#include "lib/attest/attest.h"
#include "lib/base/base.h"
#include "lib/crypto/crypto.h"
#include "tee/image/image.h"

#define CLI_VALUES_MAX 32 /* times that one option may be given */
#define CLI_WORDS_MAX 20 /* words that are neither command nor option */
#define CLI_TEXT_MAX (256 * 1024)
#define CLI_NODE_DEFAULT "https://127.0.0.1:7777"
#define CLI_LISTEN_DEFAULT "127.0.0.1:7777"
#define CLI_STATE_DEFAULT "./.mesatee"

enum option {
	OPTION_HELP,
	OPTION_HOME,
	OPTION_NODE,
	OPTION_POLICY,
	OPTION_JSON,
	OPTION_QUIET,
	OPTION_DRY_RUN,
	OPTION_STATE,
	OPTION_LISTEN,
	OPTION_ROOT,
	OPTION_ADMISSION,
	OPTION_OPERATOR,
	OPTION_NAME,
	OPTION_IMAGES,
	OPTION_UNCONFINED,
	OPTION_MEASUREMENTS,
	OPTION_CONFIG,
	OPTION_LEVEL,
	OPTION_ROOT_ID,
	OPTION_NO_FAST,
	OPTION_OUT,
	OPTION_FUNCTION,
	OPTION_INPUT,
	OPTION_OUTPUT,
	OPTION_MAX_SIZE,
	OPTION_MIN_ROWS,
	OPTION_PARTICIPANT,
	OPTION_ARG,
	OPTION_MEMORY,
	OPTION_WALL,
	OPTION_RUNS,
	OPTION_EXPIRES,
	OPTION_DETERMINISTIC,
	OPTION_FILE,
	OPTION_WAIT,
	OPTION_TIMEOUT,
	OPTION_RUN,
	OPTION_RECEIPT,
	OPTION_MAN,
	OPTION_REMOVE,
	OPTION_IN,
	OPTION_TO,
	OPTION_FROM,
	OPTION_AS,
	OPTION_KEY_FILE,
	OPTION_IV,
	OPTION_CMAC,
	OPTION_AT,
	OPTION_FETCH,
	OPTION_FETCH_PRIVATE,
	OPTION_DATA_FOLDER,
	OPTION_TEE,
	OPTION_TA_KEYS,
	OPTION_TA_DEBUG,
	OPTION_KEY,
	OPTION_UUID,
	OPTION_TA_VERSION,
	OPTIONS
};
#define OPTION_BIT(option) (UINT64_C(1) << (option))
_Static_assert(OPTIONS <= 64, "a command's options are bits of one word");

struct option_row {
	const char *name;
	const char *argument; /* NULL: a flag */
	const char *help;
};
extern const struct option_row option_table[OPTIONS];

struct cli;
struct command_row {
	const char *name; /* one word, or two: "contract new" */
	const char *words; /* as shown: "FILE", "NAME ID" */
	size_t words_min, words_max;
	const char *summary; /* one line */
	const char *detail; /* sentences; may be empty */
	uint64_t options; /* OPTION_BITs besides the global ones */
	enum mesatee_err (*run)(struct cli *c);
};
extern const struct command_row command_table[];
extern const size_t command_count;
extern const uint64_t options_global;

/* The parsed command line. */
struct cli {
	const struct command_row *command;
	const char *value[OPTIONS][CLI_VALUES_MAX];
	size_t count[OPTIONS];
	const char *word[CLI_WORDS_MAX];
	size_t word_count;
	struct mesatee *m; /* opened by cli_open() */
	struct box *toml, *cbor; /* opened by cli_boxes(): what the client library does not do for us */
	bool terminal; /* stderr is one */
	uint64_t progress_from_ms;
	bool progress_shown;
};

/* ---- parse.c ---- */

enum mesatee_err parse(struct cli *c, int count, char **words);
/* The row of a command given in one or two words, and how many of them it took. */
const struct command_row *command_find(const char *const *words, size_t count, size_t *used);
/* The last value of an option, or `otherwise`. */
const char *option_text(const struct cli *c, enum option o, const char *otherwise);
bool option_given(const struct cli *c, enum option o);
/* Numbers with units: 64K 64M 64G (binary); 500ms 60s 10m 2h 7d to milliseconds. MESATEE_USAGE after saying why. */
enum mesatee_err option_size(const struct cli *c, enum option o, uint64_t otherwise, uint64_t *out);
enum mesatee_err option_time_ms(const struct cli *c, enum option o, uint64_t otherwise, uint64_t *out);
enum mesatee_err option_number(const struct cli *c, enum option o, uint64_t otherwise, uint64_t *out);
bool parse_size(const char *text, uint64_t *out);
bool parse_time_ms(const char *text, uint64_t *out);
bool parse_number(const char *text, uint64_t *out);

/* ---- show.c ---- */

/* "error: ...\nhelp: ...\n" on stderr. Returns err. */
__attribute__((format(printf, 3, 4))) enum mesatee_err cli_fail(enum mesatee_err err, const char *help,
								const char *format, ...);
/* The client library's own texts. */
enum mesatee_err cli_client_fail(const struct cli *c, enum mesatee_err err);
/* Talk: to stderr, unless --quiet. */
__attribute__((format(printf, 2, 3))) void cli_say(const struct cli *c, const char *format, ...);
/* Data: text to stdout, control characters of others made harmless; newlines stay. */
__attribute__((format(printf, 1, 2))) void cli_print(const char *format, ...);
void cli_print_quoted(const char *text); /* one argument of another party */
/* A party for people: petname and first digits of the id. */
const char *cli_party(struct cli *c, const char *id, char out[96]);
const char *cli_bytes(uint64_t bytes, char out[32]);
void cli_progress(void *context, const char *what, uint64_t done, uint64_t total);
void cli_progress_end(struct cli *c);

/* JSON documents: one object on stdout, with its schema. */
struct json {
	uint8_t *space;
	struct builder b;
	bool first;
};
void json_begin(struct json *j, const char *schema);
void json_text(struct json *j, const char *key, const char *value); /* value NULL: null */
void json_number(struct json *j, const char *key, uint64_t value);
void json_flag(struct json *j, const char *key, bool value);
void json_open(struct json *j, const char *key, char bracket); /* '[' or '{'; key NULL inside an array */
void json_close(struct json *j, char bracket);
void json_item(struct json *j, const char *value); /* a string in an array */
enum mesatee_err json_end(struct json *j);

/* ---- format.c ---- */

/* --from or --as with what belongs to it; *given is out, or NULL: the file is as it is. MESATEE_USAGE after saying why. */
enum mesatee_err format_options(const struct cli *c, enum option which, struct mesatee_format *out,
				const struct mesatee_format **given);
/* What Teaclave must be told of a file that was written: null, or nothing, where there was none. */
void format_json(struct json *j, const struct mesatee_formatted *f);
void format_print(const struct mesatee_formatted *f);

/* ---- main.c: what commands begin with ---- */

enum mesatee_err cli_open(struct cli *c); /* the client library */
enum mesatee_err cli_boxes(struct cli *c); /* TOML and CBOR */
enum mesatee_err cli_policy(struct cli *c); /* and the policy */
/* A file of the home folder, which cli_open() makes. */
#define CLI_HOME_MAX 1200
void cli_home(const struct cli *c, const char *name, char out[CLI_HOME_MAX]);
enum mesatee_err cli_connect(struct cli *c); /* and the verified node; says the level */
uint64_t cli_now_s(void);

/* ---- launch.c ---- */

struct launch {
	const char *images, *state, *listen, *config, *platform;
	const char *data_folder; /* NULL: none */
	const char *tee; /* the local door's socket; NULL: none */
	bool fetch, fetch_private;
};
/* What --fetch, --fetch-private, --data-folder and --tee say. */
void launch_fetch(const struct cli *c, struct launch *l);
/* Where the images are: --images, else beside this program or where an installation has them. */
enum mesatee_err launch_images(struct cli *c, char out[1024]);
/* What a node of these images and this configuration (may be NULL) will measure. */
enum mesatee_err launch_measure(struct cli *c, const char *images, const char *config, struct attest_measurements *out);
/* Start a node and stay until it ends. up() is called when it answers. */
enum mesatee_err launch_node(struct cli *c, const struct launch *l, void (*up)(struct cli *c, const struct launch *l));

/* ---- files and ids of a node (node.c) ---- */

#define CLI_EXPONENT_MAX 8
/* Who may sign trusted applications: P-256, or with a modulus RSA. */
struct node_signer {
	uint8_t p256[CRYPTO_P256_PUBLIC_SIZE];
	uint8_t modulus[IMAGE_RSA_MAX], exponent[CLI_EXPONENT_MAX];
	size_t modulus_size, exponent_size;
};
struct node_configuration {
	char name[65];
	bool open;
	uint8_t operator_id[32];
	bool tee_debug;
	size_t signer_count;
	struct node_signer signer[IMAGE_KEYS_MAX];
};
/* configuration.c */
enum mesatee_err configuration_read(struct cli *c, const char *path, struct node_configuration *out);
enum mesatee_err configuration_save(const char *path, const struct node_configuration *g);
/* Add the keys of a file, one a line, as hexadecimal digits. */
enum mesatee_err signers_read(const char *path, struct node_configuration *out);
struct image_trust signers_trust(const struct node_configuration *g);
enum mesatee_err file_load(const char *path, size_t max, uint8_t **out, size_t *size);
enum mesatee_err folder_make(const char *path);
/* A private P-256 key: there, 32 bytes, for its owner's eyes only; and its public half. */
enum mesatee_err root_load(const char *path, struct secret *out);
enum mesatee_err file_save(const char *path, unsigned mode, struct bytes content);
enum mesatee_err policy_save(const char *path, const struct attest_policy *p); /* path NULL: stdout */

/* ---- ta.c ---- */

/* The key of `path` that signs trusted applications, made if there is none; its public half is added to `g`. */
enum mesatee_err ta_key_ensure(const char *path, struct node_configuration *g);

/* ---- terms.c ---- */

/* From --file and the other options. Strings live until the program ends. */
enum mesatee_err terms_read(struct cli *c, struct mesatee_terms *out);

/* ---- help.c, completion.c ---- */

void help_all(FILE *to);
void help_command(FILE *to, const struct command_row *row);
void help_man(void);
bool completion_print(const char *shell);

/* ---- commands ---- */

enum mesatee_err run_dev(struct cli *c);
enum mesatee_err run_init(struct cli *c);
enum mesatee_err run_serve(struct cli *c);
enum mesatee_err run_status(struct cli *c);
enum mesatee_err run_attest(struct cli *c);
enum mesatee_err run_party(struct cli *c);
enum mesatee_err run_party_add(struct cli *c);
enum mesatee_err run_party_list(struct cli *c);
enum mesatee_err run_put(struct cli *c);
enum mesatee_err run_publish(struct cli *c);
enum mesatee_err run_try(struct cli *c);
enum mesatee_err run_contract_new(struct cli *c);
enum mesatee_err run_contract_show(struct cli *c);
enum mesatee_err run_approve(struct cli *c);
enum mesatee_err run_withdraw(struct cli *c);
enum mesatee_err run_run(struct cli *c);
enum mesatee_err run_tasks(struct cli *c);
enum mesatee_err run_get(struct cli *c);
enum mesatee_err run_combine(struct cli *c);
enum mesatee_err run_cancel(struct cli *c);
enum mesatee_err run_verify(struct cli *c);
enum mesatee_err run_policy(struct cli *c);
enum mesatee_err run_role(struct cli *c);
enum mesatee_err run_stop(struct cli *c);
enum mesatee_err run_ta_key(struct cli *c);
enum mesatee_err run_ta_sign(struct cli *c);
enum mesatee_err run_ta_install(struct cli *c);
enum mesatee_err run_ta_list(struct cli *c);
enum mesatee_err run_version(struct cli *c);
enum mesatee_err run_help(struct cli *c);
enum mesatee_err run_completion(struct cli *c);

#endif
