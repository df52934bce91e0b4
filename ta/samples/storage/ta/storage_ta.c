/* Notes as persistent objects: each is an object's data under the note's name, no other application's. They outlive the instance and the node. */
#include <tee_internal_api.h>

#include <storage_ta.h>

#define NOTHING TEE_PARAM_TYPE_NONE
#define NAME TEE_PARAM_TYPE_MEMREF_INPUT
/* Who has an object open so keeps all others from it. */
#define ALONE (TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_ACCESS_WRITE | TEE_DATA_FLAG_ACCESS_WRITE_META)

/* A name, copied: parameters are the client's memory, which can change while it is read. */
struct name {
	char text[TA_STORAGE_NAME_MAX];
	size_t size;
};

TEE_Result TA_CreateEntryPoint(void)
{
	return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void)
{
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param params[4], void **session)
{
	(void)params;
	(void)session;
	return types == TEE_PARAM_TYPES(NOTHING, NOTHING, NOTHING, NOTHING) ? TEE_SUCCESS : TEE_ERROR_BAD_PARAMETERS;
}

void TA_CloseSessionEntryPoint(void *session)
{
	(void)session;
}

static TEE_Result name_take(const TEE_Param *param, struct name *out)
{
	size_t size = param->memref.size;

	if (size == 0 || size > sizeof(out->text)) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	TEE_MemMove(out->text, param->memref.buffer, size);
	out->size = size;
	return TEE_SUCCESS;
}

static TEE_Result note_open(const struct name *name, uint32_t flags, TEE_ObjectHandle *out)
{
	return TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, name->text, name->size, flags, out);
}

static TEE_Result note_create(const struct name *name, const TEE_Param *content)
{
	TEE_ObjectHandle note = TEE_HANDLE_NULL;
	TEE_Result result = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, name->text, name->size, ALONE, TEE_HANDLE_NULL,
						       content->memref.buffer, content->memref.size, &note);

	if (result == TEE_SUCCESS) {
		TEE_CloseObject(note);
	}
	return result;
}

static TEE_Result note_read(const struct name *name, TEE_Param *out)
{
	TEE_ObjectHandle note = TEE_HANDLE_NULL;
	TEE_ObjectInfo info;
	size_t capacity = out->memref.size;
	TEE_Result result = note_open(name, TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_SHARE_READ, &note);

	if (result != TEE_SUCCESS) {
		return result;
	}
	result = TEE_GetObjectInfo1(note, &info);
	if (result == TEE_SUCCESS) {
		out->memref.size = info.dataSize;
		result = info.dataSize > capacity ? TEE_ERROR_SHORT_BUFFER :
						    TEE_ReadObjectData(note, out->memref.buffer, info.dataSize, &out->memref.size);
	}
	TEE_CloseObject(note);
	return result;
}

static TEE_Result note_rename(const struct name *name, const struct name *to)
{
	TEE_ObjectHandle note = TEE_HANDLE_NULL;
	TEE_Result result = note_open(name, ALONE, &note);

	if (result == TEE_SUCCESS) {
		result = TEE_RenamePersistentObject(note, to->text, to->size);
		TEE_CloseObject(note);
	}
	return result;
}

static TEE_Result note_delete(const struct name *name)
{
	TEE_ObjectHandle note = TEE_HANDLE_NULL;
	TEE_Result result = note_open(name, ALONE, &note);

	return result == TEE_SUCCESS ? TEE_CloseAndDeletePersistentObject1(note) : result;
}

static TEE_Result notes_list(TEE_Param *names, TEE_Param *count)
{
	TEE_ObjectEnumHandle walk = TEE_HANDLE_NULL;
	TEE_ObjectInfo info;
	char name[TEE_OBJECT_ID_MAX_LEN], *to = names->memref.buffer;
	size_t size = sizeof(name), at = 0, capacity = names->memref.size;
	TEE_Result result = TEE_AllocatePersistentObjectEnumerator(&walk);

	if (result != TEE_SUCCESS) {
		return result;
	}
	count->value.a = 0;
	result = TEE_StartPersistentObjectEnumerator(walk, TEE_STORAGE_PRIVATE);
	while (result == TEE_SUCCESS && (result = TEE_GetNextPersistentObject(walk, &info, name, &size)) == TEE_SUCCESS) {
		if (at <= capacity && capacity - at > size) {
			TEE_MemMove(to + at, name, size);
			to[at + size] = '\n';
		}
		at += size + 1;
		count->value.a++;
		size = sizeof(name);
	}
	TEE_FreePersistentObjectEnumerator(walk);
	if (result != TEE_ERROR_ITEM_NOT_FOUND) {
		return result;
	}
	/* That was the last one, or there is none at all. */
	names->memref.size = at;
	return at > capacity ? TEE_ERROR_SHORT_BUFFER : TEE_SUCCESS;
}

TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command, uint32_t types, TEE_Param params[4])
{
	static const uint32_t wanted[] = {
		[TA_STORAGE_CREATE] = TEE_PARAM_TYPES(NAME, TEE_PARAM_TYPE_MEMREF_INPUT, NOTHING, NOTHING),
		[TA_STORAGE_READ] = TEE_PARAM_TYPES(NAME, TEE_PARAM_TYPE_MEMREF_OUTPUT, NOTHING, NOTHING),
		[TA_STORAGE_RENAME] = TEE_PARAM_TYPES(NAME, NAME, NOTHING, NOTHING),
		[TA_STORAGE_DELETE] = TEE_PARAM_TYPES(NAME, NOTHING, NOTHING, NOTHING),
		[TA_STORAGE_LIST] = TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_OUTPUT, TEE_PARAM_TYPE_VALUE_OUTPUT, NOTHING, NOTHING),
	};
	struct name name = { .size = 0 }, to = { .size = 0 };
	TEE_Result result = TEE_SUCCESS;

	(void)session;
	if (command >= sizeof(wanted) / sizeof(wanted[0])) {
		return TEE_ERROR_NOT_SUPPORTED;
	}
	if (types != wanted[command]) {
		return TEE_ERROR_BAD_PARAMETERS;
	}
	if (command != TA_STORAGE_LIST) {
		result = name_take(&params[0], &name);
	}
	if (result == TEE_SUCCESS && command == TA_STORAGE_RENAME) {
		result = name_take(&params[1], &to);
	}
	if (result != TEE_SUCCESS) {
		return result;
	}
	switch (command) {
	case TA_STORAGE_CREATE:
		return note_create(&name, &params[1]);
	case TA_STORAGE_READ:
		return note_read(&name, &params[1]);
	case TA_STORAGE_RENAME:
		return note_rename(&name, &to);
	case TA_STORAGE_DELETE:
		return note_delete(&name);
	default:
		return notes_list(&params[0], &params[1]);
	}
}
