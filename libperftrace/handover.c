/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A session moves from one process to another. The kernel checks nothing after
 * perf_event_open(2): whoever holds the descriptors may enable, read and map
 * them. To map a ring that is mapped costs no locked memory, and is refused
 * nobody (perf_mmap() in kernel/events/core.c); so the sender's mapping stays
 * until the receiver has its own.
 *
 *	sender				receiver
 *	  OFFER -- manifest, descriptors -->
 *					  maps the rings, builds the session
 *	  <------------------------- ACCEPT
 *	  YOURS ------------------------->
 *	  closes its descriptors	  has it
 *
 * Of the two, one has the session at any time, or both could move a ring's tail.
 * The sender gives it up when YOURS has been sent, which the receiver then has
 * for certain: what stands in a socket is not lost when the sender ends. Before
 * that, each of them may send REFUSE with a reason, or go away, and the
 * session is the sender's as it was. A receiver that waited for YOURS in vain
 * shuts the connection down first, and then looks a last time: either YOURS is
 * there, or the sender can't send it any more.
 *
 * The sender's mappings stay until its session is closed. Memory beyond the share
 * of a user is charged to the process that mapped a ring first, and the kernel
 * takes it off the one that unmaps it last (vma->vm_mm in perf_mmap_close()).
 * Were that the receiver, the sender would run out of its limit with time, and
 * the receiver's account would fall below zero, to which every limit is small.
 *
 * A failure ends the connection, for what stands in it may be half a message.
 * Only before the OFFER nothing has happened: to wait for one may time out, or
 * be interrupted, and be repeated.
 *
 * Numbers are those of the machine, for both processes run on it. The version
 * stands in the OFFER, and changes with every change of what follows it; a
 * receiver takes its own version alone.
 *
 * The manifest is checked as bytes of a stranger are, and each descriptor must
 * be one of a perf event. Still the receiver trusts the sender with two things:
 * the sender might keep a mapping of a ring, and write to it while it is read;
 * and format files are read by libtraceevent, which takes them for the kernel's.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/handover.h>

#include "command.h"
#include "context.h"
#include "courier.h"
#include "export.h"
#include "log.h"
#include "manifest.h"
#include "manifest_fill.h"
#include "parcel.h"
#include "session.h"
#include "source.h"
#include "sys.h"

#define MAGIC		 0x4f485450
#define VERSION		 4
#define MOST_BYTES	 (64U << 20)
#define MOST_DESCRIPTORS (1U << 20)
#define MOST_REASON	 1024
#define LARGEST_ERRNO	 4095
/* For the last word of one that gives up, whatever its deadline was. */
#define LAST_WORD_MS 100

/* What goes over. */
struct loan {
	enum manifest_stage stage;
	const struct session_settings *settings;
	struct manifest_subject subject;
};

enum message { OFFER = 1, ACCEPT, YOURS, REFUSE };

struct header {
	uint32_t magic;
	uint32_t version;
	uint32_t message;
	/* REFUSE: a positive errno. */
	uint32_t error;
	/* Of the manifest or the reason, which follows. */
	uint64_t num_bytes;
	uint64_t num_descriptors;
};

static int send_message(struct courier *courier, enum message message)
{
	const struct header header = {
		.magic = MAGIC,
		.version = VERSION,
		.message = message,
	};

	return courier_send(courier, &header, sizeof(header));
}

/* Tell the other side, if it still listens; and end the connection. */
static int give_up(struct courier *courier, int error)
{
	struct failure *failure = log_save(courier->log);
	const char *reason = log_get_error(courier->log);
	size_t length = strnlen(reason, MOST_REASON);
	struct header header = {
		.magic = MAGIC,
		.version = VERSION,
		.message = REFUSE,
		.error = (uint32_t)-error,
		.num_bytes = length,
	};
	char text[sizeof(header) + MOST_REASON];

	memcpy(text, &header, sizeof(header));
	memcpy(text + sizeof(header), reason, length);
	courier->deadline_ns = sys_deadline_ns(LAST_WORD_MS);
	courier_send(courier, text, sizeof(header) + length);
	courier_close_line(courier);
	log_restore(courier->log, failure);
	return error;
}

static int fail_refused(struct courier *courier, const struct header *header)
{
	char reason[MOST_REASON + 1] = "";
	int ret;

	if (header->num_bytes > MOST_REASON || !header->error ||
	    header->error > LARGEST_ERRNO)
		return fail(courier->log, -EBADMSG,
			    "the other side has refused, and its reason makes "
			    "no sense");
	ret = courier_receive(courier, reason, header->num_bytes);
	if (ret)
		return ret;
	return fail(courier->log, -(int)header->error,
		    "the other side has refused: %s", reason);
}

/* The next message, which is this one, or a refusal. */
static int receive_message(struct courier *courier, enum message wanted,
			   struct header *header)
{
	int ret = courier_receive(courier, header, sizeof(*header));

	if (ret)
		return ret;
	if (header->magic != MAGIC)
		return fail(courier->log, -EBADMSG,
			    "what has come over the socket is no session");
	if (header->version != VERSION)
		return fail(courier->log, -EBADMSG,
			    "the other side speaks version %u of handing over, "
			    "and this library version %d",
			    header->version, VERSION);
	if (header->message == REFUSE)
		return fail_refused(courier, header);
	if (header->message != wanted)
		return fail(courier->log, -EBADMSG,
			    "message %u has come over the socket, not %d",
			    header->message, wanted);
	return 0;
}

static int send_contents(struct courier *courier, const struct parcel *parcel,
			 const struct loan *loan, size_t num_fds)
{
	const struct header header = {
		.magic = MAGIC,
		.version = VERSION,
		.message = OFFER,
		.num_bytes = parcel->size,
		.num_descriptors = num_fds,
	};
	int *fds = calloc(num_fds, sizeof(*fds));
	int ret;

	if (!fds)
		return fail_memory(courier->log);
	manifest_list_descriptors(&loan->subject, fds);
	ret = courier_send(courier, &header, sizeof(header));
	if (!ret)
		ret = courier_send(courier, parcel->written, parcel->size);
	if (!ret)
		ret = courier_send_descriptors(courier, fds, num_fds);
	free(fds);
	return ret;
}

static int write_manifest(struct courier *courier, const struct loan *loan,
			  struct manifest *manifest, struct parcel *parcel)
{
	int ret;

	*manifest = (struct manifest){
		.stage = loan->stage,
		.settings = *loan->settings,
	};
	manifest->settings.cpus = (struct cpu_list){ NULL, 0 };
	manifest->settings.command = NULL;
	manifest->settings.cgroup = NULL;
	ret = manifest_fill(manifest, &loan->subject);
	if (!ret)
		ret = manifest_transfer(manifest, parcel);
	if (ret == -ENOMEM)
		return fail_memory(courier->log);
	/* The reader has said why. */
	if (ret == -ENOBUFS)
		return ret;
	if (ret)
		return fail(courier->log, ret,
			    "the session contradicts what a receiver expects");
	if (parcel->size > MOST_BYTES ||
	    manifest_count_descriptors(manifest) > MOST_DESCRIPTORS)
		return fail(courier->log, -E2BIG,
			    "the session is too large to be handed over: %zu "
			    "bytes and %zu descriptors",
			    parcel->size, manifest_count_descriptors(manifest));
	return 0;
}

static int send_offer(struct courier *courier, const struct loan *loan)
{
	struct manifest manifest;
	struct parcel parcel;
	int ret;

	parcel_begin_writing(&parcel);
	ret = write_manifest(courier, loan, &manifest, &parcel);
	if (!ret)
		ret = send_contents(courier, &parcel, loan,
				    manifest_count_descriptors(&manifest));
	parcel_clear(&parcel);
	manifest_clear(&manifest);
	return ret;
}

/* Who gives up shuts the connection down, and may have said why. */
static int find_reason(struct courier *courier, int error)
{
	struct failure *failure = log_save(courier->log);
	struct header header;
	int ret;

	courier->deadline_ns = sys_deadline_ns(0);
	ret = receive_message(courier, REFUSE, &header);
	if (ret == -ECONNRESET || ret == -ETIMEDOUT || ret == -EBADMSG) {
		log_restore(courier->log, failure);
		return error;
	}
	free(failure);
	return ret;
}

static int send_session(struct courier *courier, const struct loan *loan)
{
	struct header header;
	int ret = send_offer(courier, loan);

	if (ret == -ECONNRESET)
		return find_reason(courier, ret);
	if (!ret)
		ret = receive_message(courier, ACCEPT, &header);
	return ret ? ret : send_message(courier, YOURS);
}

static int check_command(struct log *log, const struct loan *loan)
{
	if (!loan->subject.command ||
	    !command_is_waiting(loan->subject.command))
		return 0;
	fail(log, -EOPNOTSUPP,
	     "the command has not been started, and only this process can");
	return fail_remedy(log, "start the session first");
}

PERFTRACE_EXPORT int perftrace_session_send(struct perftrace_session *session,
					    int32_t socket_fd,
					    int32_t timeout_ms)
{
	struct session_parts parts;
	struct courier courier;
	struct loan loan;
	int ret;

	assert(session);
	session_get_parts(session, &parts);
	loan.settings = parts.settings;
	loan.subject = (struct manifest_subject){
		.opening = parts.opening,
		.sources = parts.sources,
		.num_sources = parts.num_sources,
		.command = parts.command,
	};
	ret = session_check_loan(session, &loan.stage);
	if (!ret)
		ret = check_command(parts.log, &loan);
	if (!ret)
		ret = courier_begin(&courier, parts.log, socket_fd, timeout_ms);
	if (ret)
		return ret;
	ret = send_session(&courier, &loan);
	if (ret)
		return give_up(&courier, ret);
	session_give_away(session);
	return 0;
}

/* What has come: bytes, and as many descriptors as the manifest counts. */
struct delivery {
	char *bytes;
	int *fds;
	size_t num_fds;
	struct manifest manifest;
};

static void clear_delivery(struct delivery *delivery)
{
	size_t i;

	for (i = 0; i < delivery->num_fds; i++)
		sys_close(delivery->fds[i]);
	free(delivery->fds);
	manifest_clear(&delivery->manifest);
	free(delivery->bytes);
}

static int read_manifest(struct courier *courier, const struct header *header,
			 struct delivery *delivery)
{
	struct parcel parcel;
	int ret;

	parcel_begin_reading(&parcel, delivery->bytes, header->num_bytes);
	ret = manifest_transfer(&delivery->manifest, &parcel);
	if (ret == -ENOMEM)
		return fail_memory(courier->log);
	if (ret)
		return fail(courier->log, ret,
			    "the description of the session makes no sense "
			    "before byte %zu",
			    parcel.at);
	if (manifest_count_descriptors(&delivery->manifest) !=
	    header->num_descriptors)
		return fail(courier->log, -EBADMSG,
			    "the session has %zu descriptors, and %llu are "
			    "said to come",
			    manifest_count_descriptors(&delivery->manifest),
			    (unsigned long long)header->num_descriptors);
	return 0;
}

static int receive_bytes(struct courier *courier, const struct header *header,
			 struct delivery *delivery)
{
	int ret;

	if (header->num_bytes > MOST_BYTES ||
	    header->num_descriptors > MOST_DESCRIPTORS)
		return fail(courier->log, -EBADMSG,
			    "the session is said to be too large");
	delivery->bytes = malloc(header->num_bytes + 1);
	if (!delivery->bytes)
		return fail_memory(courier->log);
	ret = courier_receive(courier, delivery->bytes, header->num_bytes);
	return ret ? ret : read_manifest(courier, header, delivery);
}

static int receive_contents(struct courier *courier,
			    const struct header *header,
			    struct delivery *delivery)
{
	size_t count = header->num_descriptors;
	int ret = receive_bytes(courier, header, delivery);

	if (ret)
		return ret;
	delivery->fds = calloc(count, sizeof(*delivery->fds));
	if (!delivery->fds)
		return fail_memory(courier->log);
	ret = courier_receive_descriptors(courier, delivery->fds, count);
	if (!ret)
		delivery->num_fds = count;
	return ret;
}

/* Its descriptor is the last one. */
static int adopt_command(struct log *log, struct delivery *delivery,
			 struct command **command)
{
	const struct manifest *manifest = &delivery->manifest;
	int *fd = &delivery->fds[delivery->num_fds - 1], pidfd = -1;

	if (manifest->command_pid == NO_PID)
		return 0;
	if (manifest->has_command_fd) {
		if (!sys_is_pidfd(*fd))
			return fail(log, -EBADMSG,
				    "the descriptor of the command is not one "
				    "of a process");
		pidfd = *fd;
		*fd = -1;
	}
	return command_adopt(log, manifest->command_pid, pidfd, command);
}

static int adopt_sources(struct perftrace_context *context,
			 const struct manifest *manifest,
			 struct perftrace_source **sources)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < manifest->num_sources; i++)
		ret = source_adopt(context, &manifest->sources[i], &sources[i]);
	return ret;
}

static void clear_estate(struct session_estate *estate)
{
	size_t i;

	for (i = 0; estate->sources && i < estate->manifest->num_sources; i++)
		source_free(estate->sources[i]);
	free(estate->sources);
	command_free(estate->command);
}

static int build_session(struct perftrace_context *context,
			 struct delivery *delivery,
			 struct perftrace_session **session)
{
	struct log *log = context_get_log(context);
	struct session_estate estate = {
		.manifest = &delivery->manifest,
		.fds = delivery->fds,
	};
	int ret;

	estate.sources = calloc(delivery->manifest.num_sources,
				sizeof(struct perftrace_source *));
	ret = estate.sources ? adopt_sources(context, &delivery->manifest,
					     estate.sources) :
			       fail_memory(log);
	if (!ret)
		ret = adopt_command(log, delivery, &estate.command);
	if (!ret)
		ret = session_adopt(context, &estate, session);
	clear_estate(&estate);
	return ret;
}

/* The session is built. After the last look, YOURS can't come any more. */
static int await_gift(struct courier *courier)
{
	struct header header;
	int ret = send_message(courier, ACCEPT);

	if (ret == -ECONNRESET)
		return find_reason(courier, ret);
	if (!ret)
		ret = receive_message(courier, YOURS, &header);
	if (ret != -ETIMEDOUT)
		return ret;
	courier_close_line(courier);
	if (!receive_message(courier, YOURS, &header))
		return 0;
	return fail(courier->log, -ETIMEDOUT,
		    "the sender did not let the session go in time");
}

static int take_session(struct courier *courier,
			struct perftrace_context *context,
			const struct header *header,
			struct perftrace_session **session)
{
	struct perftrace_session *made = NULL;
	struct delivery delivery = { .num_fds = 0 };
	int ret = receive_contents(courier, header, &delivery);

	if (!ret)
		ret = build_session(context, &delivery, &made);
	if (!ret)
		ret = await_gift(courier);
	clear_delivery(&delivery);
	if (ret && made)
		session_decline(made);
	else if (!ret)
		*session = made;
	return ret;
}

PERFTRACE_EXPORT int
perftrace_session_receive(struct perftrace_context *context, int32_t socket_fd,
			  int32_t timeout_ms,
			  struct perftrace_session **session)
{
	struct courier courier;
	struct header header;
	int ret;

	assert(context);
	ret = courier_begin(&courier, context_get_log(context), socket_fd,
			    timeout_ms);
	if (ret)
		return ret;
	ret = receive_message(&courier, OFFER, &header);
	if (ret && !courier.has_begun)
		return ret;
	if (!ret)
		ret = take_session(&courier, context, &header, session);
	return ret ? give_up(&courier, ret) : 0;
}
