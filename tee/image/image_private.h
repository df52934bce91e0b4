/* Private to tee/image: the two formats. Both are little endian, which the cursor is not. */
#ifndef MT_IMAGE_PRIVATE_H
#define MT_IMAGE_PRIVATE_H

#include "tee/image/image.h"

#define OWN_MAGIC "MTTA"
#define OPTEE_MAGIC "HSTO"

uint16_t image_u16(struct cursor *c);
uint32_t image_u32(struct cursor *c);

MUST enum mt_err own_verify(struct bytes image, const struct image_trust *trust, struct image *out);
MUST enum mt_err optee_verify(struct bytes image, const struct image_trust *trust, struct image *out);

#endif
