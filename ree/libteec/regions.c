/* Which memory a session has been told of. */
#include "ree/libteec/libteec.h"

#include "api/tee_door.h"

static bool tell(struct libteec_session *s, enum tee_door_type type, uint32_t region, int fd, size_t size)
{
	uint8_t space[TEE_DOOR_MESSAGE_MAX];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes made = { 0 };

	builder_u8(&b, (uint8_t)type);
	builder_u32(&b, s->number);
	builder_u32(&b, region);
	if (type == TEE_DOOR_REGION) {
		builder_u64(&b, size);
	}
	mt_assert(builder_done(&b, &made) == MT_OK);
	if (control_send(s->context, made, fd) != MT_OK) {
		return false;
	}
	s->regions++;
	return true;
}

/* A number for a region: one that is free, or that of memory which this call does not need. */
static uint32_t number_free(struct libteec_session *s, uint64_t keep)
{
	for (uint32_t i = 1; i <= TEE_WINDOW_REGIONS_MAX; i++) {
		if (!s->shared[i]) {
			return i;
		}
	}
	for (uint32_t i = 1; i <= TEE_WINDOW_REGIONS_MAX; i++) {
		if (!(keep & (UINT64_C(1) << (i - 1)))) {
			s->shared[i] = 0;
			return tell(s, TEE_DOOR_REGION_END, i, -1, 0) ? i : 0;
		}
	}
	return 0;
}

uint32_t regions_use(struct libteec_session *s, uint64_t number, int fd, size_t size, uint64_t *keep)
{
	uint32_t found = 0;

	_Static_assert(TEE_WINDOW_REGIONS_MAX <= 64, "a bit each");
	pthread_mutex_lock(&s->sharing);
	for (uint32_t i = 1; i <= TEE_WINDOW_REGIONS_MAX && !found; i++) {
		found = s->shared[i] == number ? i : 0;
	}
	if (!found) {
		found = number_free(s, *keep);
		if (found && tell(s, TEE_DOOR_REGION, found, fd, size)) {
			s->shared[found] = number;
		} else {
			found = 0;
		}
	}
	pthread_mutex_unlock(&s->sharing);
	*keep |= found ? UINT64_C(1) << (found - 1) : 0;
	return found;
}

void regions_forget(struct libteec_session *s, uint64_t number)
{
	pthread_mutex_lock(&s->sharing);
	for (uint32_t i = 1; i <= TEE_WINDOW_REGIONS_MAX; i++) {
		if (s->shared[i] == number) {
			s->shared[i] = 0;
			(void)tell(s, TEE_DOOR_REGION_END, i, -1, 0);
		}
	}
	pthread_mutex_unlock(&s->sharing);
}
