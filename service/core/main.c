/* Image `core`: no network, no files; everything through port/linux's loop. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/box/box.h"
#include "port/linux/box_port.h"
#include "port/linux/linux.h"
#include "service/core/core.h"

static enum mt_err main_open(const struct port_facts *facts, void **out)
{
	struct core *c = NULL;

	enum mt_err err = core_open(facts, &c);
	if (!err) {
		*out = c;
	}
	return err;
}

/* A core that cannot go on says why and ends: the launcher takes the node down, and nothing that was answered is lost. */
static void main_stop_on_fault(struct core *c)
{
	const char *fault = core_fault(c);

	if (fault) {
		fprintf(stderr, "mesatee: %s\n", fault);
		exit(1);
	}
}

static void main_event(void *core, const struct port_event *event)
{
	core_event(core, event);
	main_stop_on_fault(core);
}

static bool main_stopped(void *core)
{
	return core_stopped(core);
}

static void main_close(void *core)
{
	core_close(core);
}

int main(void)
{
	static const struct linux_core hooks = { main_open, main_event, main_stopped, main_close };

	box_port_install();
	return linux_core_main(&hooks);
}
