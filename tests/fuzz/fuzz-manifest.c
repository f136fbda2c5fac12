/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes as what another process says of a session; what is read is written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"
#include "parcel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t sink;

static void look_at(const struct manifest *manifest)
{
	size_t i;

	sink += manifest_count_descriptors(manifest);
	for (i = 0; i < manifest->num_sources; i++) {
		const struct manifest_source *source = &manifest->sources[i];

		sink += strlen(source->event.name) +
			strlen(source->event.text) +
			source->rows[manifest->num_cpus - 1].delivered;
	}
}

/* But for the padding of texts, there is one way to say it. */
static void write_again(struct manifest *manifest, size_t size)
{
	struct parcel parcel;

	parcel_begin_writing(&parcel);
	if (manifest_transfer(manifest, &parcel) || parcel.size != size)
		abort();
	parcel_clear(&parcel);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest manifest;
	struct parcel parcel;
	uint8_t *bytes = malloc(size ? size : 1);

	if (!bytes)
		abort();
	memcpy(bytes, data, size);
	parcel_begin_reading(&parcel, bytes, size);
	if (!manifest_transfer(&manifest, &parcel)) {
		look_at(&manifest);
		write_again(&manifest, size);
	}
	manifest_clear(&manifest);
	free(bytes);
	return 0;
}
