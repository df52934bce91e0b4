/* Every command and every option: parsing, help, the man page and completion are made of these rows. */
#include "party/cli/cli_private.h"

const struct option_row option_table[OPTIONS] = {
	[OPTION_HELP] = { "help", NULL, "say what the command does" },
	[OPTION_HOME] = { "home", "DIR", "your identity, keys and petnames (MESATEE_HOME, else ~/.config/mesatee)" },
	[OPTION_NODE] = { "node", "URL", "the node (MESATEE_NODE, else " CLI_NODE_DEFAULT ")" },
	[OPTION_POLICY] = { "policy", "FILE",
			    "what a node must be (MESATEE_POLICY, else policy.toml in the home folder)" },
	[OPTION_JSON] = { "json", NULL, "one JSON object on stdout" },
	[OPTION_QUIET] = { "quiet", NULL, "nothing on stderr but errors" },
	[OPTION_DRY_RUN] = { "dry-run", NULL, "check everything, change nothing" },
	[OPTION_STATE] = { "state", "DIR", "the node's folder" },
	[OPTION_LISTEN] = { "listen", "ADDR:PORT", "where the node listens (" CLI_LISTEN_DEFAULT ")" },
	[OPTION_ROOT] = { "root", "FILE", "the platform root key, held by the operator" },
	[OPTION_ADMISSION] = { "admission", "open|listed",
			       "who may be a party: everyone, or whom the operator admits" },
	[OPTION_OPERATOR] = { "operator", "ID", "the operator's party id, name or \"self\"" },
	[OPTION_NAME] = { "name", "NAME", "a name" },
	[OPTION_IMAGES] = { "images", "DIR", "the images of a build (beside this program)" },
	[OPTION_UNCONFINED] = { "unconfined", NULL, "accept a sanitized build, which has no sandbox" },
	[OPTION_MEASUREMENTS] = { "measurements", "FILE", "lines of `mesatee-launcher --measure`" },
	[OPTION_CONFIG] = { "config", "FILE", "the node's public configuration (node.cbor), which is measured too" },
	[OPTION_LEVEL] = { "level", "N", "least level, 1 to 5" },
	[OPTION_ROOT_ID] = { "root-id", "HEX", "a root that may vouch; more than one may be named" },
	[OPTION_NO_FAST] = { "no-fast", NULL, "demand full evidence on every connection" },
	[OPTION_OUT] = { "out", "FILE", "where the result goes" },
	[OPTION_FUNCTION] = { "function", "HASH", "the function's hash, as publish printed it" },
	[OPTION_INPUT] = { "input", "NAME=OWNER:TAG", "an input, its owner and its dataset" },
	[OPTION_OUTPUT] = { "output", "NAME=OWNER[,OWNER]", "an output; of several owners only all together open it" },
	[OPTION_MAX_SIZE] = { "max-size", "SIZE", "guard: no output may be larger (64M)" },
	[OPTION_MIN_ROWS] = { "min-rows", "N", "guard: no output may have fewer lines" },
	[OPTION_PARTICIPANT] = { "participant", "PARTY", "who must approve besides the owners and you" },
	[OPTION_ARG] = { "arg", "TEXT", "an argument of the function" },
	[OPTION_MEMORY] = { "memory", "SIZE", "memory that a run may use (1G)" },
	[OPTION_WALL] = { "wall", "TIME", "time that a run may take (10m)" },
	[OPTION_RUNS] = { "runs", "N", "how often it may run (1)" },
	[OPTION_EXPIRES] = { "expires", "TIME", "how long the contract holds, from now (7d)" },
	[OPTION_DETERMINISTIC] = { "deterministic", NULL,
				   "no clock, seeded chance, canonical NaN: nodes of this version refuse it" },
	[OPTION_FILE] = { "file", "TOML", "the terms from a file; other options add to it" },
	[OPTION_WAIT] = { "wait", NULL, "stay until the run has ended; its failure is this command's" },
	[OPTION_TIMEOUT] = { "timeout", "TIME", "how long to wait at most" },
	[OPTION_RUN] = { "run", "N", "which run (1)" },
	[OPTION_RECEIPT] = { "receipt", "FILE", "fetch the receipt too, check it and that it names this output" },
	[OPTION_MAN] = { "man", NULL, "the man page, for man(1)" },
	[OPTION_REMOVE] = { "remove", NULL, "take the party out instead" },
	[OPTION_IN] = { "in", "NAME=FILE", "an input, from a file of yours" },
	[OPTION_TO] = { "to", "NAME=FILE|URL", "where an output goes: a file (try), or a URL that takes a PUT (get)" },
	[OPTION_FROM] = { "from", "FORMAT",
			  "the file is one of Teaclave's: aes-gcm-128, aes-gcm-256, teaclave-file-128" },
	[OPTION_AS] = { "as", "FORMAT", "write one of Teaclave's files: aes-gcm-128, aes-gcm-256, teaclave-file-128" },
	[OPTION_KEY_FILE] = { "key-file", "FILE", "that file's key: 16 or 32 bytes, or their hex digits" },
	[OPTION_IV] = { "iv", "HEX", "that file's iv, of 12 bytes (aes-gcm)" },
	[OPTION_CMAC] = { "cmac", "HEX",
			  "the cmac that it must have: without, an older file of the same key opens too" },
	[OPTION_AT] = { "at", "URL", "FILE is ciphertext that lies there for the node to take: https://, http://, file:NAME" },
	[OPTION_FETCH] = { "fetch", NULL, "let parties have ciphertext taken from http(s) URLs, and sent to them" },
	[OPTION_FETCH_PRIVATE] = { "fetch-private", NULL,
				   "--fetch, and addresses of this machine and of private networks too" },
	[OPTION_DATA_FOLDER] = { "data-folder", "DIR", "let parties have ciphertext taken from this folder, by file:NAME" },
	[OPTION_TEE] = { "tee", "PATH", "serve programs of this machine (libteec) on a socket of this name" },
	[OPTION_TA_KEYS] = { "ta-keys", "FILE",
			     "the keys whose trusted applications run: lines as in a .pub of `ta key`, or MODULUS:EXPONENT of RSA, in hex" },
	[OPTION_TA_DEBUG] = { "ta-debug", NULL, "trusted applications' traces and panics are shown to the operator" },
	[OPTION_KEY] = { "key", "FILE", "the private key, as `ta key` made it" },
	[OPTION_UUID] = { "uuid", "UUID", "the application's: what clients open" },
	[OPTION_TA_VERSION] = { "ta-version", "N", "the application's version (0); a node that has run a later one refuses an earlier one" },
};

#define BIT(x) OPTION_BIT(OPTION_##x)
#define NODE_BITS (BIT(NODE) | BIT(POLICY))
#define FETCH_BITS (BIT(FETCH) | BIT(FETCH_PRIVATE) | BIT(DATA_FOLDER) | BIT(TEE))

const uint64_t options_global = BIT(HELP) | BIT(HOME) | BIT(JSON) | BIT(QUIET);

const struct command_row command_table[] = {
	{ "dev", "", 0, 0, "Start a node for development: level 1, protects nothing",
	  "Runs the production path over the well-known development root until SIGINT. The state, and a policy.toml "
	  "that fits this build, "
	  "stay in --state (" CLI_STATE_DEFAULT "). Trusted applications that are signed with ta.key of your home folder run; programs of this machine "
	  "reach them by MESATEE_TEE=./.mesatee/tee.sock, or as --tee says.",
	  BIT(STATE) | BIT(LISTEN) | BIT(IMAGES) | BIT(UNCONFINED) | FETCH_BITS, run_dev },
	{ "init", "", 0, 0, "Prepare a node: its root key, configuration and policy",
	  "Makes DIR/node.cbor (public, measured), a root key that only the operator may read, and DIR/policy.toml for "
	  "level 2. Tell the "
	  "printed root id and node.cbor to every party; each makes its own policy from its own build.",
	  BIT(STATE) | BIT(ROOT) | BIT(ADMISSION) | BIT(OPERATOR) | BIT(NAME) | BIT(IMAGES) | BIT(UNCONFINED) |
		  BIT(DRY_RUN) | BIT(TA_KEYS) | BIT(TA_DEBUG),
	  run_init },
	{ "serve", "", 0, 0, "Run a node that init prepared, until SIGINT or SIGTERM",
	  "Prints its URL on stdout when it answers. Without --fetch and --data-folder no process of the node reaches the "
	  "network or a file of yours.",
	  BIT(STATE) | BIT(ROOT) | BIT(LISTEN) | BIT(IMAGES) | FETCH_BITS, run_serve },
	{ "status", "", 0, 0, "Show what the node says of itself",
	  "Verified first, like every command that talks to a node.", NODE_BITS, run_status },
	{ "attest", "", 0, 0, "Verify the node and show every part of the verdict",
	  "Names the component that differs from your policy, the level, and what the level protects against and what "
	  "not. Exit code 0 or 5.",
	  NODE_BITS, run_attest },
	{ "party", "", 0, 0, "Print your party id, making an identity when there is none", "", 0, run_party },
	{ "party add", "NAME ID", 2, 2, "Call a party by a name of yours",
	  "Compare the id with its owner on another way than the node.", 0, run_party_add },
	{ "party list", "", 0, 0, "List the parties that you have named", "", 0, run_party_list },
	{ "put", "FILE", 1, 1, "Encrypt a file here, send the ciphertext, print its tag",
	  "The key stays in the home folder until you approve a contract that names the tag. With --dry-run the "
	  "ciphertext goes to --out, and "
	  "nothing is sent. --from: a file of Teaclave's is opened here, checked whole, and never lies in the clear; "
	  "--name says what a "
	  "teaclave-file-128 is stored under, where that is not FILE's own name. --at: FILE is such ciphertext, or its "
	  "header alone, and the node takes the whole of it from that URL.",
	  NODE_BITS | BIT(AT) | BIT(OUT) | BIT(DRY_RUN) | BIT(FROM) | BIT(KEY_FILE) | BIT(IV) | BIT(CMAC) | BIT(NAME), run_put },
	{ "publish", "FILE", 1, 1, "Send a function (a .wasm module, a .py file or a zip of them), print its hash", "",
	  NODE_BITS | BIT(NAME), run_publish },
	{ "try", "FILE", 1, 1, "Run a function here, on files of yours, with no node",
	  "The same workers as in a node, with what the function prints, which a node throws away. Data stays here. "
	  "Exit code 0 when it would have finished.",
	  BIT(IN) | BIT(TO) | BIT(ARG) | BIT(MEMORY) | BIT(WALL) | BIT(MAX_SIZE) | BIT(IMAGES), run_try },
	{ "contract new", "", 0, 0, "Make a contract, print its hash",
	  "Says everything about one computation. Nothing can run that all participants have not approved by this "
	  "hash.",
	  NODE_BITS | BIT(FUNCTION) | BIT(INPUT) | BIT(OUTPUT) | BIT(MAX_SIZE) | BIT(MIN_ROWS) | BIT(PARTICIPANT) |
		  BIT(ARG) | BIT(MEMORY) | BIT(WALL) | BIT(RUNS) | BIT(EXPIRES) | BIT(LEVEL) | BIT(DETERMINISTIC) |
		  BIT(FILE) | BIT(DRY_RUN),
	  run_contract_new },
	{ "contract show", "HASH", 1, 1, "Show what a contract says",
	  "Fetched, hashed and compared; parties by your own names.", NODE_BITS, run_contract_show },
	{ "approve", "HASH", 1, 1, "Approve a contract, and give the node your keys for it",
	  "Refuses unless the contract names the policy that you hold, this node's ledger and executor, and you. Read "
	  "`contract show` first.",
	  NODE_BITS | BIT(DRY_RUN), run_approve },
	{ "withdraw", "HASH", 1, 1, "Take an approval back: the keys are wiped, a run ends", "", NODE_BITS,
	  run_withdraw },
	{ "run", "HASH", 1, 1, "Start a run of an approved contract, print its number", "",
	  NODE_BITS | BIT(WAIT) | BIT(TIMEOUT), run_run },
	{ "tasks", "[HASH]", 0, 1, "List your contracts and their runs", "", NODE_BITS, run_tasks },
	{ "get", "HASH OUTPUT", 2, 2, "Fetch an output that is yours into --out",
	  "Of several owners: --out gets the ciphertext, and a .share file lies beside it (see combine). --as: what "
	  "lies there is sealed for "
	  "Teaclave, and its cmac and iv are printed. --to: the node sends the ciphertext to that URL by PUT; only the key "
	  "comes here, into a .share file beside --out, with which combine opens it.",
	  NODE_BITS | BIT(RUN) | BIT(TO) | BIT(OUT) | BIT(RECEIPT) | BIT(AS) | BIT(KEY_FILE) | BIT(NAME), run_get },
	{ "combine", "CIPHERTEXT SHARE...", 2, 17, "Open an output with the shares of all its owners",
	  "One owner's is enough where there is but one (get --to). --as: as in get.", BIT(OUT) | BIT(AS) | BIT(KEY_FILE) | BIT(NAME), run_combine },
	{ "cancel", "HASH", 1, 1, "End a contract for everybody", "", NODE_BITS, run_cancel },
	{ "verify", "RECEIPT", 1, 1, "Check a receipt, offline",
	  "Names every check. Exit code 0 or 5. Needs the policy of the contract, no node.", BIT(POLICY), run_verify },
	{ "policy", "", 0, 0, "Make a policy from your own build, on stdout",
	  "From --images (your build; the launcher there measures) or --measurements, with the node's --config. All "
	  "participants of a contract "
	  "must hold the same policy: agree on its name, level and roots.",
	  BIT(MEASUREMENTS) | BIT(IMAGES) | BIT(CONFIG) | BIT(LEVEL) | BIT(ROOT_ID) | BIT(NAME) | BIT(UNCONFINED) |
		  BIT(NO_FAST),
	  run_policy },
	{ "role", "PARTY", 1, 1, "Admit a party (operator)", "", NODE_BITS | BIT(REMOVE), run_role },
	{ "stop", "", 0, 0, "Stop the node (operator)", "", NODE_BITS, run_stop },
	{ "ta key", "FILE", 1, 1, "Make a key that signs trusted applications: FILE, and FILE.pub for operators",
	  "An operator who gives FILE.pub to `init --ta-keys` runs what the key signs.", 0, run_ta_key },
	{ "ta sign", "FILE", 1, 1, "Sign a trusted application, write the image to --out",
	  "FILE is a native one's shared object. A module of WebAssembly can be signed too; nodes of this version do not run one.", BIT(KEY) | BIT(UUID) | BIT(TA_VERSION) | BIT(OUT), run_ta_sign },
	{ "ta install", "FILE", 1, CLI_WORDS_MAX, "Give signed trusted applications to the node of --state",
	  "Each is verified under the keys of the node's configuration first. A node that is up serves it from the next instance on. "
	  "OP-TEE's images are taken too.",
	  BIT(STATE), run_ta_install },
	{ "ta list", "", 0, 0, "List the trusted applications that the node of --state has", "", BIT(STATE), run_ta_list },
	{ "version", "", 0, 0, "Print the version", "", 0, run_version },
	{ "help", "[COMMAND]", 0, 2, "Explain a command, or list them all", "Topics: exit-codes, levels, environment.",
	  BIT(MAN), run_help },
	{ "completion", "bash|zsh|fish", 1, 1, "Print a completion script for a shell",
	  "bash: source <(mesatee completion bash)", 0, run_completion },
};
const size_t command_count = MT_COUNT(command_table);
