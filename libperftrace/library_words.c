/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "library_words.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "suggest.h"

int library_fail_process(struct log *log, int error, int32_t pid)
{
	switch (error) {
	case -ENOMEM:
		return fail_memory(log);
	case -ESRCH:
		return fail(log, error, "there is no process %d", (int)pid);
	case -EACCES:
	case -EPERM:
		fail(log, error, "process %d does not show its files: %s",
		     (int)pid, strerror(-error));
		return fail_remedy(log, "run as its user, as root, or with "
					"CAP_SYS_PTRACE");
	default:
		return fail(log, error, "process %d: %s", (int)pid,
			    strerror(-error));
	}
}

void library_list(char list[LIBRARY_LIST_BYTES], const char *path)
{
	size_t used = strlen(list);

	snprintf(list + used, LIBRARY_LIST_BYTES - used, "%s%s",
		 used ? ", " : "", path);
}

static bool is_stem(const char *stem, const char *name)
{
	size_t length = strlen(stem);

	return !strncmp(name, stem, length) &&
	       (name[length] == '.' || name[length] == '-');
}

void library_suggest(struct suggestions *suggestions, const char *name)
{
	if (is_stem(suggestions->wrong, name) ||
	    (!strncmp(name, "lib", 3) && is_stem(suggestions->wrong, name + 3)))
		suggest_insert(suggestions, name, 0);
	else
		suggest_offer(suggestions, name);
}

int library_remedy(struct log *log, const struct suggestions *suggestions,
		   const char *otherwise)
{
	char text[LIBRARY_LIST_BYTES];

	suggest_write(suggestions, text, sizeof(text));
	if (*text)
		return fail_remedy(log, "did you mean %s?", text);
	return fail_remedy(log, "%s", otherwise);
}
