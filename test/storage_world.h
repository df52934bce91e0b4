/* A store on a disk of port/sim, and what should be in it: for the tests and the benchmark of tee/storage. */
#ifndef MT_TEST_STORAGE_WORLD_H
#define MT_TEST_STORAGE_WORLD_H

#include "port/sim/sim.h"
#include "tee/storage/storage.h"

#define MODEL_OBJECTS 6
#define MODEL_DATA 200000

struct model_object {
	bool is;
	uint32_t type;
	uint8_t attributes[64];
	size_t attributes_size, size;
	uint8_t data[MODEL_DATA];
};

struct model {
	struct model_object object[MODEL_OBJECTS];      /* its place is its name */
};

struct storage_world {
	struct sim_disk *disk;
	unsigned file[STORAGE_FILES];
	enum storage_anchor anchor;
	uint64_t counter;               /* survives everything */
	struct store *store;
	struct model *model;            /* what is acknowledged */
	struct model *after;            /* what it is if the last step, which has failed, has worked all the same */
	uint32_t touched;               /* by that step: a mask over the objects */
	struct sim_random random;
	uint64_t wants;
};

void world_open(struct storage_world *w, uint64_t seed, enum storage_anchor anchor);
void world_close(struct storage_world *w);
/* Carry out one thing that is wanted of the medium. */
MUST enum mt_err world_carry(struct storage_world *w, const struct storage_want *want);
/* Carry out what a request wants until it has ended. */
MUST enum mt_err world_drive(struct storage_world *w, enum mt_err err);
/* Open the store once more, as after a restart of its process. */
MUST enum mt_err world_restart(struct storage_world *w);
struct storage_name world_name(size_t place);
/* Does the store hold what the model says, and nothing else? */
bool world_fits(struct storage_world *w, const struct model *m);
/* One step by chance, done to the store and, if that works, to the model. */
MUST enum mt_err world_step(struct storage_world *w);
/* The last step has failed, but is there: the model too. */
void world_take_after(struct storage_world *w);

#endif
