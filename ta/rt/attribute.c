/*
 * Attributes: into the form of system calls, and which of them a key, the making of one, or an operation takes (GP TEE Internal Core API 1.3.1,
 * tables 5-9, 5-12 and 6-8). Here because a TA that gives others panics, while wrong content is an error: the system answers both alike.
 */
#include "ta/rt/rt.h"

#include "api/tee_api_defines_extensions.h"

void attributes_take(struct rt_attributes *to, const TEE_Attribute *attribute, uint32_t count)
{
	rt_need(count <= RT_ATTRIBUTES_MAX);
	rt_readable(attribute, count * sizeof(*attribute));
	to->count = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct ta_attribute *made = &to->at[i];
		*made = (struct ta_attribute){ .id = attribute[i].attributeID };
		if (made->id & TEE_ATTR_FLAG_VALUE) {
			made->a = attribute[i].content.value.a;
			made->b = attribute[i].content.value.b;
		} else {
			rt_readable(attribute[i].content.ref.buffer, attribute[i].content.ref.length);
			made->a = rt_at(attribute[i].content.ref.buffer);
			made->b = attribute[i].content.ref.length;
		}
		rt_need(!attribute_there(to, made->id));
		to->count++;
	}
}

bool attribute_there(const struct rt_attributes *list, uint32_t id)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->at[i].id == id) {
			return true;
		}
	}
	return false;
}

enum part_rule {
	DEMANDED = 1 << 0,      /* when an object is populated */
	OPTIONAL = 1 << 1,
	TOGETHER = 1 << 2,      /* optional, and either all of them or none */
	MAKES = 1 << 3,         /* when a key is made: demanded */
	MAKES_MAYBE = 1 << 4,
};

struct part {
	uint32_t id;
	unsigned rules;
};

static const struct part secret[] = { { TEE_ATTR_SECRET_VALUE, DEMANDED } };
static const struct part hkdf_ikm[] = { { TEE_ATTR_HKDF_IKM, DEMANDED } };
static const struct part concat_z[] = { { TEE_ATTR_CONCAT_KDF_Z, DEMANDED } };
static const struct part password[] = { { TEE_ATTR_PBKDF2_PASSWORD, DEMANDED } };
/* Public parts first. */
static const struct part rsa[] = {
	{ TEE_ATTR_RSA_MODULUS, DEMANDED },     { TEE_ATTR_RSA_PUBLIC_EXPONENT, DEMANDED | MAKES_MAYBE },
	{ TEE_ATTR_RSA_PRIVATE_EXPONENT, DEMANDED }, { TEE_ATTR_RSA_PRIME1, TOGETHER },
	{ TEE_ATTR_RSA_PRIME2, TOGETHER },      { TEE_ATTR_RSA_EXPONENT1, TOGETHER },
	{ TEE_ATTR_RSA_EXPONENT2, TOGETHER },   { TEE_ATTR_RSA_COEFFICIENT, TOGETHER },
};
static const struct part dsa[] = {
	{ TEE_ATTR_DSA_PRIME, DEMANDED | MAKES }, { TEE_ATTR_DSA_SUBPRIME, DEMANDED | MAKES }, { TEE_ATTR_DSA_BASE, DEMANDED | MAKES },
	{ TEE_ATTR_DSA_PUBLIC_VALUE, DEMANDED }, { TEE_ATTR_DSA_PRIVATE_VALUE, DEMANDED },
};
static const struct part dh[] = {
	{ TEE_ATTR_DH_PRIME, DEMANDED | MAKES }, { TEE_ATTR_DH_BASE, DEMANDED | MAKES },
	{ TEE_ATTR_DH_SUBPRIME, OPTIONAL | MAKES_MAYBE }, { TEE_ATTR_DH_X_BITS, OPTIONAL | MAKES_MAYBE },
	{ TEE_ATTR_DH_PUBLIC_VALUE, DEMANDED }, { TEE_ATTR_DH_PRIVATE_VALUE, DEMANDED },
};
static const struct part curve[] = {
	{ TEE_ATTR_ECC_CURVE, DEMANDED | MAKES }, { TEE_ATTR_ECC_PUBLIC_VALUE_X, DEMANDED }, { TEE_ATTR_ECC_PUBLIC_VALUE_Y, DEMANDED },
	{ TEE_ATTR_ECC_PRIVATE_VALUE, DEMANDED },
};
static const struct part sm2[] = {
	{ TEE_ATTR_ECC_PUBLIC_VALUE_X, DEMANDED }, { TEE_ATTR_ECC_PUBLIC_VALUE_Y, DEMANDED }, { TEE_ATTR_ECC_PRIVATE_VALUE, DEMANDED },
};
static const struct part ed25519[] = { { TEE_ATTR_ED25519_PUBLIC_VALUE, DEMANDED }, { TEE_ATTR_ED25519_PRIVATE_VALUE, DEMANDED } };
static const struct part x25519[] = { { TEE_ATTR_X25519_PUBLIC_VALUE, DEMANDED }, { TEE_ATTR_X25519_PRIVATE_VALUE, DEMANDED } };
static const struct part x448[] = { { TEE_ATTR_X448_PUBLIC_VALUE, DEMANDED }, { TEE_ATTR_X448_PRIVATE_VALUE, DEMANDED } };

/* A type, its parts, how many of them it has, and whether keys of it can be made. */
struct rule {
	uint32_t type;
	const struct part *part;
	size_t count;
	bool makes;
};

#define WHOLE(parts) parts, RT_COUNT(parts), true

static const struct rule rules[] = {
	{ TEE_TYPE_HKDF_IKM, WHOLE(hkdf_ikm) },
	{ TEE_TYPE_CONCAT_KDF_Z, WHOLE(concat_z) },
	{ TEE_TYPE_PBKDF2_PASSWORD, WHOLE(password) },
	{ TEE_TYPE_RSA_PUBLIC_KEY, rsa, 2, false },
	{ TEE_TYPE_RSA_KEYPAIR, WHOLE(rsa) },
	{ TEE_TYPE_DSA_PUBLIC_KEY, dsa, 4, false },
	{ TEE_TYPE_DSA_KEYPAIR, WHOLE(dsa) },
	{ TEE_TYPE_DH_KEYPAIR, WHOLE(dh) },
	{ TEE_TYPE_ECDSA_PUBLIC_KEY, curve, 3, false },
	{ TEE_TYPE_ECDSA_KEYPAIR, WHOLE(curve) },
	{ TEE_TYPE_ECDH_PUBLIC_KEY, curve, 3, false },
	{ TEE_TYPE_ECDH_KEYPAIR, WHOLE(curve) },
	{ TEE_TYPE_SM2_DSA_PUBLIC_KEY, sm2, 2, false },
	{ TEE_TYPE_SM2_DSA_KEYPAIR, WHOLE(sm2) },
	{ TEE_TYPE_SM2_KEP_PUBLIC_KEY, sm2, 2, false },
	{ TEE_TYPE_SM2_KEP_KEYPAIR, WHOLE(sm2) },
	{ TEE_TYPE_SM2_PKE_PUBLIC_KEY, sm2, 2, false },
	{ TEE_TYPE_SM2_PKE_KEYPAIR, WHOLE(sm2) },
	{ TEE_TYPE_ED25519_PUBLIC_KEY, ed25519, 1, false },
	{ TEE_TYPE_ED25519_KEYPAIR, WHOLE(ed25519) },
	{ TEE_TYPE_X25519_PUBLIC_KEY, x25519, 1, false },
	{ TEE_TYPE_X25519_KEYPAIR, WHOLE(x25519) },
	{ TEE_TYPE_X448_PUBLIC_KEY, x448, 1, false },
	{ TEE_TYPE_X448_KEYPAIR, WHOLE(x448) },
};

/* Whatever is not above has one secret. */
static struct rule rule_of(uint32_t type)
{
	for (size_t i = 0; i < RT_COUNT(rules); i++) {
		if (rules[i].type == type) {
			return rules[i];
		}
	}
	return (struct rule){ type, WHOLE(secret) };
}

static bool is_allowed(const struct rule *rule, uint32_t id, unsigned how)
{
	for (size_t i = 0; i < rule->count; i++) {
		if (rule->part[i].id == id) {
			return (rule->part[i].rules & how) != 0;
		}
	}
	return false;
}

/* All that are demanded are there, and nothing that is not allowed. */
static void check(const struct rt_attributes *list, const struct rule *rule, unsigned demanded, unsigned allowed)
{
	for (size_t i = 0; i < list->count; i++) {
		rt_need(is_allowed(rule, list->at[i].id, demanded | allowed));
	}
	for (size_t i = 0; i < rule->count; i++) {
		rt_need(!(rule->part[i].rules & demanded) || attribute_there(list, rule->part[i].id));
	}
}

/* Bytes of a number without its leading zeros, or of a secret. */
static size_t content_size(const struct ta_attribute *a)
{
	const uint8_t *at = (const uint8_t *)(uintptr_t)a->a;
	size_t size = (size_t)a->b;

	while (a->id != TEE_ATTR_SECRET_VALUE && size > 0 && *at == 0) {
		at++;
		size--;
	}
	return size;
}

void attributes_populate_check(const struct rt_attributes *list, uint32_t type, uint32_t bits_max)
{
	struct rule rule = rule_of(type);
	bool together = false;

	for (size_t i = 0; i < rule.count; i++) {
		together = together || (rule.part[i].rules == TOGETHER && attribute_there(list, rule.part[i].id));
	}
	check(list, &rule, together ? DEMANDED | TOGETHER : DEMANDED, OPTIONAL);
	for (size_t i = 0; i < list->count; i++) {
		const struct ta_attribute *a = &list->at[i];
		rt_need((a->id & TEE_ATTR_FLAG_VALUE) || content_size(a) <= ((size_t)bits_max + 7) / 8);
	}
}

void attributes_generate_check(const struct rt_attributes *list, uint32_t type)
{
	struct rule rule = rule_of(type);

	rt_need(rule.makes);
	check(list, &rule, MAKES, MAKES_MAYBE);
}

/* Padding of RSA by an algorithm's number: PSS is 0x7....9.. (its MD5 0xF....9..), OAEP 0x6....2.. */
static bool has_parameter(uint32_t algorithm, uint32_t id)
{
	uint32_t class = algorithm_class(algorithm), chain = algorithm >> 8 & 0xf;
	bool rsa_key = (algorithm & 0xff) == 0x30;

	switch (id) {
	case TEE_ATTR_RSA_PSS_SALT_LENGTH:
		return class == TEE_OPERATION_ASYMMETRIC_SIGNATURE && rsa_key && chain == 9;
	case TEE_ATTR_RSA_OAEP_LABEL:
	case TEE_ATTR_RSA_OAEP_MGF_HASH:
		return class == TEE_OPERATION_ASYMMETRIC_CIPHER && rsa_key && chain == 2;
	case TEE_ATTR_EDDSA_PREHASH:
	case TEE_ATTR_EDDSA_CTX:
		return algorithm == TEE_ALG_ED25519 || algorithm == TEE_ALG_ED448;
	default:
		return false;
	}
}

void attributes_operate_check(const struct rt_attributes *list, uint32_t algorithm)
{
	for (size_t i = 0; i < list->count; i++) {
		rt_need(has_parameter(algorithm, list->at[i].id));
	}
}
