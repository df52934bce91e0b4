/*
 * keygen: a key pair that nobody sees. The private key goes into an output, which later contracts have as an input of `sign`: a party that is
 * not given that output alone (several owners, or an owner who never fetches it) has signatures only.
 *
 *	kind=ecdsa-p256|rsa-3072 (ecdsa-p256)
 *	private=NAME (private)          output: PKCS#8 in PEM
 *	public=NAME (public)            output: SubjectPublicKeyInfo
 *	form=pem|der (pem)              of the public key
 *
 * The key comes from the task's random bytes. A deterministic contract would make it from a seed that whoever may re-execute it knows: use none.
 * Refuses nothing but wrong arguments. Leaks: how long the search for RSA primes took, and what docs/functions.md says of side channels.
 */
#include "exec/builtin/keys.h"

int main(int argc, char **argv)
{
	static const char *const known[] = { "kind", "private", "public", "form", NULL };

	guest_arguments(argc, argv, known);
	struct key key = guest_second("kind", "ecdsa-p256", "rsa-3072") ? keys_make_rsa_3072() : keys_make_ecdsa_p256();
	FILE *out = guest_output(guest_argument("private", "private"));
	keys_write_private(out, &key);
	guest_close(out);
	out = guest_output(guest_argument("public", "public"));
	keys_write_public(out, &key, guest_second("form", "pem", "der"));
	guest_close(out);
	return 0;
}
