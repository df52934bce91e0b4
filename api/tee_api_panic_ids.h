/*
 * GlobalPlatform TEE Internal Core API 1.3.1, annex: which function panicked, for debuggers and reports of a
 * panic.
 *
 * High byte: the group of functions; low byte: the function in it, the deprecated ones included.
 */
#ifndef TEE_API_PANIC_IDS_H
#define TEE_API_PANIC_IDS_H

/* The TA interface. */
#define TEE_PANIC_ID_TA_CLOSESESSIONENTRYPOINT                  0x00000101
#define TEE_PANIC_ID_TA_CREATEENTRYPOINT                        0x00000102
#define TEE_PANIC_ID_TA_DESTROYENTRYPOINT                       0x00000103
#define TEE_PANIC_ID_TA_INVOKECOMMANDENTRYPOINT                 0x00000104
#define TEE_PANIC_ID_TA_OPENSESSIONENTRYPOINT                   0x00000105

/* Properties. */
#define TEE_PANIC_ID_TEE_ALLOCATEPROPERTYENUMERATOR             0x00000201
#define TEE_PANIC_ID_TEE_FREEPROPERTYENUMERATOR                 0x00000202
#define TEE_PANIC_ID_TEE_GETNEXTPROPERTY                        0x00000203
#define TEE_PANIC_ID_TEE_GETPROPERTYASBINARYBLOCK               0x00000204
#define TEE_PANIC_ID_TEE_GETPROPERTYASBOOL                      0x00000205
#define TEE_PANIC_ID_TEE_GETPROPERTYASIDENTITY                  0x00000206
#define TEE_PANIC_ID_TEE_GETPROPERTYASSTRING                    0x00000207
#define TEE_PANIC_ID_TEE_GETPROPERTYASU32                       0x00000208
#define TEE_PANIC_ID_TEE_GETPROPERTYASUUID                      0x00000209
#define TEE_PANIC_ID_TEE_GETPROPERTYNAME                        0x0000020A
#define TEE_PANIC_ID_TEE_RESETPROPERTYENUMERATOR                0x0000020B
#define TEE_PANIC_ID_TEE_STARTPROPERTYENUMERATOR                0x0000020C

/* Panic. */
#define TEE_PANIC_ID_TEE_PANIC                                  0x00000301

/* Sessions with other TAs. */
#define TEE_PANIC_ID_TEE_CLOSETASESSION                         0x00000401
#define TEE_PANIC_ID_TEE_INVOKETACOMMAND                        0x00000402
#define TEE_PANIC_ID_TEE_OPENTASESSION                          0x00000403

/* Cancellation. */
#define TEE_PANIC_ID_TEE_GETCANCELLATIONFLAG                    0x00000501
#define TEE_PANIC_ID_TEE_MASKCANCELLATION                       0x00000502
#define TEE_PANIC_ID_TEE_UNMASKCANCELLATION                     0x00000503

/* Memory. */
#define TEE_PANIC_ID_TEE_CHECKMEMORYACCESSRIGHTS                0x00000601
#define TEE_PANIC_ID_TEE_FREE                                   0x00000602
#define TEE_PANIC_ID_TEE_GETINSTANCEDATA                        0x00000603
#define TEE_PANIC_ID_TEE_MALLOC                                 0x00000604
#define TEE_PANIC_ID_TEE_MEMCOMPARE                             0x00000605
#define TEE_PANIC_ID_TEE_MEMFILL                                0x00000606
#define TEE_PANIC_ID_TEE_MEMMOVE                                0x00000607
#define TEE_PANIC_ID_TEE_REALLOC                                0x00000608
#define TEE_PANIC_ID_TEE_SETINSTANCEDATA                        0x00000609

/* Objects. */
#define TEE_PANIC_ID_TEE_CLOSEOBJECT                            0x00000701
#define TEE_PANIC_ID_TEE_GETOBJECTBUFFERATTRIBUTE               0x00000702
#define TEE_PANIC_ID_TEE_GETOBJECTINFO                          0x00000703
#define TEE_PANIC_ID_TEE_GETOBJECTVALUEATTRIBUTE                0x00000704
#define TEE_PANIC_ID_TEE_RESTRICTOBJECTUSAGE                    0x00000705
#define TEE_PANIC_ID_TEE_GETOBJECTINFO1                         0x00000706
#define TEE_PANIC_ID_TEE_RESTRICTOBJECTUSAGE1                   0x00000707

/* Transient objects. */
#define TEE_PANIC_ID_TEE_ALLOCATETRANSIENTOBJECT                0x00000801
#define TEE_PANIC_ID_TEE_COPYOBJECTATTRIBUTES                   0x00000802
#define TEE_PANIC_ID_TEE_FREETRANSIENTOBJECT                    0x00000803
#define TEE_PANIC_ID_TEE_GENERATEKEY                            0x00000804
#define TEE_PANIC_ID_TEE_INITREFATTRIBUTE                       0x00000805
#define TEE_PANIC_ID_TEE_INITVALUEATTRIBUTE                     0x00000806
#define TEE_PANIC_ID_TEE_POPULATETRANSIENTOBJECT                0x00000807
#define TEE_PANIC_ID_TEE_RESETTRANSIENTOBJECT                   0x00000808
#define TEE_PANIC_ID_TEE_COPYOBJECTATTRIBUTES1                  0x00000809

/* Persistent objects. */
#define TEE_PANIC_ID_TEE_CLOSEANDDELETEPERSISTENTOBJECT         0x00000901
#define TEE_PANIC_ID_TEE_CREATEPERSISTENTOBJECT                 0x00000902
#define TEE_PANIC_ID_TEE_OPENPERSISTENTOBJECT                   0x00000903
#define TEE_PANIC_ID_TEE_RENAMEPERSISTENTOBJECT                 0x00000904
#define TEE_PANIC_ID_TEE_CLOSEANDDELETEPERSISTENTOBJECT1        0x00000905

/* Enumeration of persistent objects. */
#define TEE_PANIC_ID_TEE_ALLOCATEPERSISTENTOBJECTENUMERATOR     0x00000A01
#define TEE_PANIC_ID_TEE_FREEPERSISTENTOBJECTENUMERATOR         0x00000A02
#define TEE_PANIC_ID_TEE_GETNEXTPERSISTENTOBJECT                0x00000A03
#define TEE_PANIC_ID_TEE_RESETPERSISTENTOBJECTENUMERATOR        0x00000A04
#define TEE_PANIC_ID_TEE_STARTPERSISTENTOBJECTENUMERATOR        0x00000A05

/* Data streams. */
#define TEE_PANIC_ID_TEE_READOBJECTDATA                         0x00000B01
#define TEE_PANIC_ID_TEE_SEEKOBJECTDATA                         0x00000B02
#define TEE_PANIC_ID_TEE_TRUNCATEOBJECTDATA                     0x00000B03
#define TEE_PANIC_ID_TEE_WRITEOBJECTDATA                        0x00000B04

/* Operations. */
#define TEE_PANIC_ID_TEE_ALLOCATEOPERATION                      0x00000C01
#define TEE_PANIC_ID_TEE_COPYOPERATION                          0x00000C02
#define TEE_PANIC_ID_TEE_FREEOPERATION                          0x00000C03
#define TEE_PANIC_ID_TEE_GETOPERATIONINFO                       0x00000C04
#define TEE_PANIC_ID_TEE_RESETOPERATION                         0x00000C05
#define TEE_PANIC_ID_TEE_SETOPERATIONKEY                        0x00000C06
#define TEE_PANIC_ID_TEE_SETOPERATIONKEY2                       0x00000C07
#define TEE_PANIC_ID_TEE_GETOPERATIONINFOMULTIPLE               0x00000C08

/* Digests. */
#define TEE_PANIC_ID_TEE_DIGESTDOFINAL                          0x00000D01
#define TEE_PANIC_ID_TEE_DIGESTUPDATE                           0x00000D02

/* Ciphers. */
#define TEE_PANIC_ID_TEE_CIPHERDOFINAL                          0x00000E01
#define TEE_PANIC_ID_TEE_CIPHERINIT                             0x00000E02
#define TEE_PANIC_ID_TEE_CIPHERUPDATE                           0x00000E03

/* MACs. */
#define TEE_PANIC_ID_TEE_MACCOMPAREFINAL                        0x00000F01
#define TEE_PANIC_ID_TEE_MACCOMPUTEFINAL                        0x00000F02
#define TEE_PANIC_ID_TEE_MACINIT                                0x00000F03
#define TEE_PANIC_ID_TEE_MACUPDATE                              0x00000F04

/* Authenticated encryption. */
#define TEE_PANIC_ID_TEE_AEDECRYPTFINAL                         0x00001001
#define TEE_PANIC_ID_TEE_AEENCRYPTFINAL                         0x00001002
#define TEE_PANIC_ID_TEE_AEINIT                                 0x00001003
#define TEE_PANIC_ID_TEE_AEUPDATE                               0x00001004
#define TEE_PANIC_ID_TEE_AEUPDATEAAD                            0x00001005

/* Asymmetric operations. */
#define TEE_PANIC_ID_TEE_ASYMMETRICDECRYPT                      0x00001101
#define TEE_PANIC_ID_TEE_ASYMMETRICENCRYPT                      0x00001102
#define TEE_PANIC_ID_TEE_ASYMMETRICSIGNDIGEST                   0x00001103
#define TEE_PANIC_ID_TEE_ASYMMETRICVERIFYDIGEST                 0x00001104

/* Key derivation. */
#define TEE_PANIC_ID_TEE_DERIVEKEY                              0x00001201

/* Random data. */
#define TEE_PANIC_ID_TEE_GENERATERANDOM                         0x00001301

/* Time. */
#define TEE_PANIC_ID_TEE_GETREETIME                             0x00001401
#define TEE_PANIC_ID_TEE_GETSYSTEMTIME                          0x00001402
#define TEE_PANIC_ID_TEE_GETTAPERSISTENTTIME                    0x00001403
#define TEE_PANIC_ID_TEE_SETTAPERSISTENTTIME                    0x00001404
#define TEE_PANIC_ID_TEE_WAIT                                   0x00001405

/* Big integers: sizes. */
#define TEE_PANIC_ID_TEE_BIGINTFMMCONTEXTSIZEINU32              0x00001501
#define TEE_PANIC_ID_TEE_BIGINTFMMSIZEINU32                     0x00001502

/* Big integers: initialisation. */
#define TEE_PANIC_ID_TEE_BIGINTINIT                             0x00001601
#define TEE_PANIC_ID_TEE_BIGINTINITFMM                          0x00001602
#define TEE_PANIC_ID_TEE_BIGINTINITFMMCONTEXT                   0x00001603

/* Big integers: conversion. */
#define TEE_PANIC_ID_TEE_BIGINTCONVERTFROMOCTETSTRING           0x00001701
#define TEE_PANIC_ID_TEE_BIGINTCONVERTFROMS32                   0x00001702
#define TEE_PANIC_ID_TEE_BIGINTCONVERTTOOCTETSTRING             0x00001703
#define TEE_PANIC_ID_TEE_BIGINTCONVERTTOS32                     0x00001704

/* Big integers: comparison and bits. */
#define TEE_PANIC_ID_TEE_BIGINTCMP                              0x00001801
#define TEE_PANIC_ID_TEE_BIGINTCMPS32                           0x00001802
#define TEE_PANIC_ID_TEE_BIGINTGETBIT                           0x00001803
#define TEE_PANIC_ID_TEE_BIGINTGETBITCOUNT                      0x00001804
#define TEE_PANIC_ID_TEE_BIGINTSHIFTRIGHT                       0x00001805

/* Big integers: arithmetic. */
#define TEE_PANIC_ID_TEE_BIGINTADD                              0x00001901
#define TEE_PANIC_ID_TEE_BIGINTDIV                              0x00001902
#define TEE_PANIC_ID_TEE_BIGINTMUL                              0x00001903
#define TEE_PANIC_ID_TEE_BIGINTNEG                              0x00001904
#define TEE_PANIC_ID_TEE_BIGINTSQUARE                           0x00001905
#define TEE_PANIC_ID_TEE_BIGINTSUB                              0x00001906

/* Big integers: modular arithmetic. */
#define TEE_PANIC_ID_TEE_BIGINTADDMOD                           0x00001A01
#define TEE_PANIC_ID_TEE_BIGINTINVMOD                           0x00001A02
#define TEE_PANIC_ID_TEE_BIGINTMOD                              0x00001A03
#define TEE_PANIC_ID_TEE_BIGINTMULMOD                           0x00001A04
#define TEE_PANIC_ID_TEE_BIGINTSQUAREMOD                        0x00001A05
#define TEE_PANIC_ID_TEE_BIGINTSUBMOD                           0x00001A06

/* Big integers: divisors and primes. */
#define TEE_PANIC_ID_TEE_BIGINTCOMPUTEEXTENDEDGCD               0x00001B01
#define TEE_PANIC_ID_TEE_BIGINTISPROBABLEPRIME                  0x00001B02
#define TEE_PANIC_ID_TEE_BIGINTRELATIVEPRIME                    0x00001B03

/* Big integers: fast modular multiplication. */
#define TEE_PANIC_ID_TEE_BIGINTCOMPUTEFMM                       0x00001C01
#define TEE_PANIC_ID_TEE_BIGINTCONVERTFROMFMM                   0x00001C02
#define TEE_PANIC_ID_TEE_BIGINTCONVERTTOFMM                     0x00001C03

#endif
