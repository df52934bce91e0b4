/*
 * GlobalPlatform TEE Internal Core API 1.3.1: identifiers of algorithms (6.10, table 6-11), object types
 * (6.11), attributes (6.11) and curves (6.10.2). Names and values are the standard's.
 */
#ifndef TEE_API_CRYPTO_DEFINES_H
#define TEE_API_CRYPTO_DEFINES_H

/* Symmetric ciphers, MACs by cipher, authenticated encryption. */
#define TEE_ALG_AES_ECB_NOPAD                   0x10000010
#define TEE_ALG_AES_CBC_NOPAD                   0x10000110
#define TEE_ALG_AES_CTR                         0x10000210
#define TEE_ALG_AES_CTS                         0x10000310
#define TEE_ALG_AES_XTS                         0x10000410
#define TEE_ALG_AES_CBC_MAC_NOPAD               0x30000110
#define TEE_ALG_AES_CBC_MAC_PKCS5               0x30000510
#define TEE_ALG_AES_CMAC                        0x30000610
#define TEE_ALG_AES_CCM                         0x40000710
#define TEE_ALG_AES_GCM                         0x40000810
#define TEE_ALG_DES_ECB_NOPAD                   0x10000011
#define TEE_ALG_DES_CBC_NOPAD                   0x10000111
#define TEE_ALG_DES_CBC_MAC_NOPAD               0x30000111
#define TEE_ALG_DES_CBC_MAC_PKCS5               0x30000511
#define TEE_ALG_DES3_ECB_NOPAD                  0x10000013
#define TEE_ALG_DES3_CBC_NOPAD                  0x10000113
#define TEE_ALG_DES3_CBC_MAC_NOPAD              0x30000113
#define TEE_ALG_DES3_CBC_MAC_PKCS5              0x30000513
#define TEE_ALG_SM4_ECB_NOPAD                   0x10000014
#define TEE_ALG_SM4_CBC_NOPAD                   0x10000114
#define TEE_ALG_SM4_CTR                         0x10000214
#define TEE_ALG_SM4_ECB_PKCS5                   0x10000015
#define TEE_ALG_SM4_CBC_PKCS5                   0x10000115

/* RSA. */
#define TEE_ALG_RSASSA_PKCS1_V1_5_MD5           0x70001830
#define TEE_ALG_RSASSA_PKCS1_V1_5_SHA1          0x70002830
#define TEE_ALG_RSASSA_PKCS1_V1_5_SHA224        0x70003830
#define TEE_ALG_RSASSA_PKCS1_V1_5_SHA256        0x70004830
#define TEE_ALG_RSASSA_PKCS1_V1_5_SHA384        0x70005830
#define TEE_ALG_RSASSA_PKCS1_V1_5_SHA512        0x70006830
#define TEE_ALG_RSASSA_PKCS1_V1_5_MD5SHA1       0x7000F830
#define TEE_ALG_RSASSA_PKCS1_V1_5_SHA3_224      0x70008830
#define TEE_ALG_RSASSA_PKCS1_V1_5_SHA3_256      0x70009830
#define TEE_ALG_RSASSA_PKCS1_V1_5_SHA3_384      0x7000A830
#define TEE_ALG_RSASSA_PKCS1_V1_5_SHA3_512      0x7000B830
#define TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA1      0x70212930
#define TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA224    0x70313930
#define TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256    0x70414930
#define TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA384    0x70515930
#define TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA512    0x70616930
#define TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA3_224  0x70818930
#define TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA3_256  0x70919930
#define TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA3_384  0x70A1A930
#define TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA3_512  0x70B1B930
#define TEE_ALG_RSAES_PKCS1_V1_5                0x60000130
#define TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA1      0x60210230
#define TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA224    0x60310230
#define TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA256    0x60410230
#define TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA384    0x60510230
#define TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA512    0x60610230
#define TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA3_224  0x60810230
#define TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA3_256  0x60910230
#define TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA3_384  0x60A10230
#define TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA3_512  0x60B10230
#define TEE_ALG_RSA_NOPAD                       0x60000030

/* DSA, Diffie-Hellman. */
#define TEE_ALG_DSA_SHA1                        0x70002131
#define TEE_ALG_DSA_SHA224                      0x70003131
#define TEE_ALG_DSA_SHA256                      0x70004131
#define TEE_ALG_DSA_SHA3_224                    0x70008131
#define TEE_ALG_DSA_SHA3_256                    0x70009131
#define TEE_ALG_DSA_SHA3_384                    0x7000A131
#define TEE_ALG_DSA_SHA3_512                    0x7000B131
#define TEE_ALG_DH_DERIVE_SHARED_SECRET         0x80000032

/* Elliptic curves. The curve itself is the key's TEE_ATTR_ECC_CURVE. */
#define TEE_ALG_ECDSA_SHA1                      0x70001042
#define TEE_ALG_ECDSA_SHA224                    0x70002042
#define TEE_ALG_ECDSA_SHA256                    0x70003042
#define TEE_ALG_ECDSA_SHA384                    0x70004042
#define TEE_ALG_ECDSA_SHA512                    0x70005042
#define TEE_ALG_ECDSA_SHA3_224                  0x70006042
#define TEE_ALG_ECDSA_SHA3_256                  0x70007042
#define TEE_ALG_ECDSA_SHA3_384                  0x70008042
#define TEE_ALG_ECDSA_SHA3_512                  0x70009042
#define TEE_ALG_ECDH_DERIVE_SHARED_SECRET       0x80000042
#define TEE_ALG_ED25519                         0x70006043
#define TEE_ALG_ED448                           0x70006044
#define TEE_ALG_X25519                          0x80000044
#define TEE_ALG_X448                            0x80000045
#define TEE_ALG_SM2_DSA_SM3                     0x70006045
#define TEE_ALG_SM2_KEP                         0x60000045
#define TEE_ALG_SM2_PKE                         0x80000046

/* Digests and HMAC. */
#define TEE_ALG_MD5                             0x50000001
#define TEE_ALG_SHA1                            0x50000002
#define TEE_ALG_SHA224                          0x50000003
#define TEE_ALG_SHA256                          0x50000004
#define TEE_ALG_SHA384                          0x50000005
#define TEE_ALG_SHA512                          0x50000006
#define TEE_ALG_SM3                             0x50000007
#define TEE_ALG_SHA3_224                        0x50000008
#define TEE_ALG_SHA3_256                        0x50000009
#define TEE_ALG_SHA3_384                        0x5000000A
#define TEE_ALG_SHA3_512                        0x5000000B
#define TEE_ALG_MD5SHA1                         0x5000000F
#define TEE_ALG_SHAKE128                        0x50000101
#define TEE_ALG_SHAKE256                        0x50000102
#define TEE_ALG_HMAC_MD5                        0x30000001
#define TEE_ALG_HMAC_SHA1                       0x30000002
#define TEE_ALG_HMAC_SHA224                     0x30000003
#define TEE_ALG_HMAC_SHA256                     0x30000004
#define TEE_ALG_HMAC_SHA384                     0x30000005
#define TEE_ALG_HMAC_SHA512                     0x30000006
#define TEE_ALG_HMAC_SM3                        0x30000007
#define TEE_ALG_HMAC_SHA3_224                   0x30000008
#define TEE_ALG_HMAC_SHA3_256                   0x30000009
#define TEE_ALG_HMAC_SHA3_384                   0x3000000A
#define TEE_ALG_HMAC_SHA3_512                   0x3000000B

#define TEE_ALG_HKDF                            0x80000047
#define TEE_ALG_ILLEGAL_VALUE                   0xEFFFFFFF

/* Deprecated: names that had the curve in them. */
#define TEE_ALG_ECDSA_P192                      TEE_ALG_ECDSA_SHA1
#define TEE_ALG_ECDSA_P224                      TEE_ALG_ECDSA_SHA224
#define TEE_ALG_ECDSA_P256                      TEE_ALG_ECDSA_SHA256
#define TEE_ALG_ECDSA_P384                      TEE_ALG_ECDSA_SHA384
#define TEE_ALG_ECDSA_P521                      TEE_ALG_ECDSA_SHA512
#define TEE_ALG_ECDH_P192                       TEE_ALG_ECDH_DERIVE_SHARED_SECRET
#define TEE_ALG_ECDH_P224                       TEE_ALG_ECDH_DERIVE_SHARED_SECRET
#define TEE_ALG_ECDH_P256                       TEE_ALG_ECDH_DERIVE_SHARED_SECRET
#define TEE_ALG_ECDH_P384                       TEE_ALG_ECDH_DERIVE_SHARED_SECRET
#define TEE_ALG_ECDH_P521                       TEE_ALG_ECDH_DERIVE_SHARED_SECRET

/*
 * The numbers that TAs built by older OP-TEE kits send for these: the tables of 1.1 contradicted each other,
 * and OP-TEE took the other reading. Both numbers must be understood.
 */
#define __OPTEE_ALG_ECDSA_P192                  0x70001041
#define __OPTEE_ALG_ECDSA_P224                  0x70002041
#define __OPTEE_ALG_ECDSA_P256                  0x70003041
#define __OPTEE_ALG_ECDSA_P384                  0x70004041
#define __OPTEE_ALG_ECDSA_P521                  0x70005041
#define __OPTEE_ALG_ECDH_P192                   0x80001042
#define __OPTEE_ALG_ECDH_P224                   0x80002042
#define __OPTEE_ALG_ECDH_P256                   0x80003042
#define __OPTEE_ALG_ECDH_P384                   0x80004042
#define __OPTEE_ALG_ECDH_P521                   0x80005042

/* Object types. A key pair is its public key's number with bit 24. */
#define TEE_TYPE_AES                            0xA0000010
#define TEE_TYPE_DES                            0xA0000011
#define TEE_TYPE_DES3                           0xA0000013
#define TEE_TYPE_SM4                            0xA0000014
#define TEE_TYPE_HMAC_MD5                       0xA0000001
#define TEE_TYPE_HMAC_SHA1                      0xA0000002
#define TEE_TYPE_HMAC_SHA224                    0xA0000003
#define TEE_TYPE_HMAC_SHA256                    0xA0000004
#define TEE_TYPE_HMAC_SHA384                    0xA0000005
#define TEE_TYPE_HMAC_SHA512                    0xA0000006
#define TEE_TYPE_HMAC_SM3                       0xA0000007
#define TEE_TYPE_HMAC_SHA3_224                  0xA0000008
#define TEE_TYPE_HMAC_SHA3_256                  0xA0000009
#define TEE_TYPE_HMAC_SHA3_384                  0xA000000A
#define TEE_TYPE_HMAC_SHA3_512                  0xA000000B
#define TEE_TYPE_RSA_PUBLIC_KEY                 0xA0000030
#define TEE_TYPE_RSA_KEYPAIR                    0xA1000030
#define TEE_TYPE_DSA_PUBLIC_KEY                 0xA0000031
#define TEE_TYPE_DSA_KEYPAIR                    0xA1000031
#define TEE_TYPE_DH_KEYPAIR                     0xA1000032
#define TEE_TYPE_ECDSA_PUBLIC_KEY               0xA0000041
#define TEE_TYPE_ECDSA_KEYPAIR                  0xA1000041
#define TEE_TYPE_ECDH_PUBLIC_KEY                0xA0000042
#define TEE_TYPE_ECDH_KEYPAIR                   0xA1000042
#define TEE_TYPE_ED25519_PUBLIC_KEY             0xA0000043
#define TEE_TYPE_ED25519_KEYPAIR                0xA1000043
#define TEE_TYPE_X25519_PUBLIC_KEY              0xA0000044
#define TEE_TYPE_X25519_KEYPAIR                 0xA1000044
#define TEE_TYPE_SM2_DSA_PUBLIC_KEY             0xA0000045
#define TEE_TYPE_SM2_DSA_KEYPAIR                0xA1000045
#define TEE_TYPE_SM2_KEP_PUBLIC_KEY             0xA0000046
#define TEE_TYPE_SM2_KEP_KEYPAIR                0xA1000046
#define TEE_TYPE_SM2_PKE_PUBLIC_KEY             0xA0000047
#define TEE_TYPE_SM2_PKE_KEYPAIR                0xA1000047
#define TEE_TYPE_ED448_PUBLIC_KEY               0xA0000048
#define TEE_TYPE_ED448_KEYPAIR                  0xA1000048
#define TEE_TYPE_X448_PUBLIC_KEY                0xA0000049
#define TEE_TYPE_X448_KEYPAIR                   0xA1000049
#define TEE_TYPE_HKDF                           0xA000004A
#define TEE_TYPE_GENERIC_SECRET                 0xA0000000
#define TEE_TYPE_CORRUPTED_OBJECT               0xA00000BE
#define TEE_TYPE_DATA                           0xA00000BF
#define TEE_TYPE_ILLEGAL_VALUE                  0xEFFFFFFF

/* Attributes. Bit 28: public, readable without TEE_USAGE_EXTRACTABLE; bit 29: two numbers, not a buffer. */
#define TEE_ATTR_FLAG_PUBLIC                    (1 << 28)
#define TEE_ATTR_FLAG_VALUE                     (1 << 29)
#define TEE_ATTR_BIT_PROTECTED                  TEE_ATTR_FLAG_PUBLIC    /* deprecated */
#define TEE_ATTR_BIT_VALUE                      TEE_ATTR_FLAG_VALUE     /* deprecated */
#define TEE_ATTR_SECRET_VALUE                   0xC0000000
#define TEE_ATTR_RSA_MODULUS                    0xD0000130
#define TEE_ATTR_RSA_PUBLIC_EXPONENT            0xD0000230
#define TEE_ATTR_RSA_PRIVATE_EXPONENT           0xC0000330
#define TEE_ATTR_RSA_PRIME1                     0xC0000430
#define TEE_ATTR_RSA_PRIME2                     0xC0000530
#define TEE_ATTR_RSA_EXPONENT1                  0xC0000630
#define TEE_ATTR_RSA_EXPONENT2                  0xC0000730
#define TEE_ATTR_RSA_COEFFICIENT                0xC0000830
#define TEE_ATTR_RSA_OAEP_LABEL                 0xD0000930
#define TEE_ATTR_RSA_OAEP_MGF_HASH              0xD0000931
#define TEE_ATTR_RSA_PSS_SALT_LENGTH            0xF0000A30
#define TEE_ATTR_DSA_PRIME                      0xD0001031
#define TEE_ATTR_DSA_SUBPRIME                   0xD0001131
#define TEE_ATTR_DSA_BASE                       0xD0001231
#define TEE_ATTR_DSA_PUBLIC_VALUE               0xD0000131
#define TEE_ATTR_DSA_PRIVATE_VALUE              0xC0000231
#define TEE_ATTR_DH_PRIME                       0xD0001032
#define TEE_ATTR_DH_SUBPRIME                    0xD0001132
#define TEE_ATTR_DH_BASE                        0xD0001232
#define TEE_ATTR_DH_X_BITS                      0xF0001332
#define TEE_ATTR_DH_PUBLIC_VALUE                0xD0000132
#define TEE_ATTR_DH_PRIVATE_VALUE               0xC0000232
#define TEE_ATTR_ECC_PUBLIC_VALUE_X             0xD0000141
#define TEE_ATTR_ECC_PUBLIC_VALUE_Y             0xD0000241
#define TEE_ATTR_ECC_PRIVATE_VALUE              0xC0000341
#define TEE_ATTR_ECC_CURVE                      0xF0000441
#define TEE_ATTR_ECC_EPHEMERAL_PUBLIC_VALUE_X   0xD0000146
#define TEE_ATTR_ECC_EPHEMERAL_PUBLIC_VALUE_Y   0xD0000246
#define TEE_ATTR_SM2_ID_INITIATOR               0xD0000446
#define TEE_ATTR_SM2_ID_RESPONDER               0xD0000546
#define TEE_ATTR_SM2_KEP_USER                   0xF0000646
#define TEE_ATTR_SM2_KEP_CONFIRMATION_IN        0xD0000746
#define TEE_ATTR_SM2_KEP_CONFIRMATION_OUT       0xD0000846
#define TEE_ATTR_EDDSA_PREHASH                  0xF0000004
#define TEE_ATTR_EDDSA_CTX                      0xD0000643
#define TEE_ATTR_ED25519_PUBLIC_VALUE           0xD0000743
#define TEE_ATTR_ED25519_PRIVATE_VALUE          0xC0000843
#define TEE_ATTR_X25519_PUBLIC_VALUE            0xD0000944
#define TEE_ATTR_X25519_PRIVATE_VALUE           0xC0000A44
#define TEE_ATTR_X448_PUBLIC_VALUE              0xD0000A45
#define TEE_ATTR_X448_PRIVATE_VALUE             0xC0000A46
#define TEE_ATTR_HKDF_SALT                      0xD0000946
#define TEE_ATTR_HKDF_INFO                      0xD0000A46
#define TEE_ATTR_HKDF_HASH_ALGORITHM            0xF0000B46
#define TEE_ATTR_KDF_KEY_SIZE                   0xF0000C46

/* What OP-TEE's first release of SM2 key exchange took by mistake; both numbers must be understood. */
#define __OPTEE_SM2_KEP_ATTR_ECC_EPHEMERAL_PUBLIC_VALUE_X 0xD0000946
#define __OPTEE_SM2_KEP_ATTR_ECC_EPHEMERAL_PUBLIC_VALUE_Y 0xD0000A46

/* Values of TEE_ATTR_ECC_CURVE, and elements for TEE_IsAlgorithmSupported. */
#define TEE_CRYPTO_ELEMENT_NONE                 0x00000000
#define TEE_ECC_CURVE_NIST_P192                 0x00000001
#define TEE_ECC_CURVE_NIST_P224                 0x00000002
#define TEE_ECC_CURVE_NIST_P256                 0x00000003
#define TEE_ECC_CURVE_NIST_P384                 0x00000004
#define TEE_ECC_CURVE_NIST_P521                 0x00000005
#define TEE_ECC_CURVE_25519                     0x00000300
#define TEE_ECC_CURVE_SM2                       0x00000400

#endif
