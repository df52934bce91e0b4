/* What a TEEC_Context and a TEEC_Session stand for. */
#include "ree/libteec/libteec.h"

static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;
static struct libteec_context *contexts[LIBTEEC_CONTEXTS_MAX];
static struct libteec_session *sessions[LIBTEEC_SESSIONS_MAX];
static uint64_t numbers;        /* protected by table */

bool table_context_add(struct libteec_context *c, uint16_t *entry)
{
	bool found = false;

	pthread_mutex_lock(&table);
	for (uint16_t i = 0; i < LIBTEEC_CONTEXTS_MAX && !found; i++) {
		if (!contexts[i]) {
			contexts[i] = c;
			*entry = i;
			found = true;
		}
	}
	pthread_mutex_unlock(&table);
	return found;
}

struct libteec_context *table_context(const TEEC_Context *context)
{
	return context->imp.entry < LIBTEEC_CONTEXTS_MAX ? __atomic_load_n(&contexts[context->imp.entry], __ATOMIC_ACQUIRE) : NULL;
}

void table_context_remove(uint16_t entry)
{
	pthread_mutex_lock(&table);
	contexts[entry] = NULL;
	pthread_mutex_unlock(&table);
}

bool table_session_add(struct libteec_session *s, uint32_t *entry)
{
	bool found = false;

	pthread_mutex_lock(&table);
	for (uint32_t i = 0; i < LIBTEEC_SESSIONS_MAX && !found; i++) {
		if (!sessions[i]) {
			__atomic_store_n(&sessions[i], s, __ATOMIC_RELEASE);
			*entry = i;
			found = true;
		}
	}
	pthread_mutex_unlock(&table);
	return found;
}

struct libteec_session *table_session(const TEEC_Session *session)
{
	return session->imp.entry < LIBTEEC_SESSIONS_MAX ? __atomic_load_n(&sessions[session->imp.entry], __ATOMIC_ACQUIRE) : NULL;
}

void table_session_remove(uint32_t entry)
{
	pthread_mutex_lock(&table);
	__atomic_store_n(&sessions[entry], NULL, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&table);
}

uint64_t table_number(void)
{
	pthread_mutex_lock(&table);
	uint64_t number = ++numbers;

	pthread_mutex_unlock(&table);
	return number;
}

void table_forget(uint64_t number)
{
	pthread_mutex_lock(&table);
	for (size_t i = 0; i < LIBTEEC_SESSIONS_MAX; i++) {
		if (sessions[i]) {
			regions_forget(sessions[i], number);
		}
	}
	pthread_mutex_unlock(&table);
}
