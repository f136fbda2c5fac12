/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Say beforehand what the kernel will refuse, and what would help. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <perftrace/perftrace.h>

#define MOST_EVENTS 256

enum { ALLOWED = 0, REFUSED = 1, UNUSABLE = 2 };

static const char usage[] =
	"usage: check [-e EVENT]... [-a | -C CPUS | -p PID | -G CGROUP] [-cxk]\n"
	"             [-m KIB] [-M KIB] [--as FACTS] [--json] [-- COMMAND...]\n"
	"       check --facts [--as FACTS] [--json]\n"
	"  -e  SYSTEM:NAME, a pattern or a probe, see perftrace-spec(7); may be\n"
	"      repeated. A probe that has to be named stands in tracefs meanwhile\n"
	"  -a  all CPUs, the default without -p and COMMAND\n"
	"  -C  these CPUs, as in 0,2-3\n"
	"  -p  this process, its threads and what they start; 0: check itself,\n"
	"      in the place of any of the caller's own\n"
	"  -G  the tasks of this cgroup\n"
	"  -c  counts alone, no records\n"
	"  -x  exclude the kernel\n"
	"  -k  with the kernel's callchains\n"
	"  -m  KiB of each ring\n"
	"  -M  where the budget of locked memory is short, down to so many KiB\n"
	"  --as     what somebody else would be told, or on another host, as in\n"
	"           uid=1000,caps=perfmon,paranoid=3,lockdown=integrity,\n"
	"           see perftrace-access(7); to be asked by who may read tracefs\n"
	"  --json   for programs: allowed, delivers, certain, error, descriptors,\n"
	"           descriptors_available, locked_kib, locked_kib_available,\n"
	"           ring_bytes (null: no limit), and findings: kind, gate, error,\n"
	"           source, cpu, tid, subject, message, kernel_function, remedies;\n"
	"           where an event can't be looked up, message in place of numbers\n"
	"  --facts  the facts alone, as --as takes them\n"
	"COMMAND is not run: it is what a session that runs it would be told.\n"
	"Exit status: 0 when all is allowed, 1 when something is refused, 2 when\n"
	"the question can't be understood or there is no such event.\n";

struct question {
	const char *events[MOST_EVENTS];
	size_t num_events;
	const char *cpus;
	const char *cgroup;
	const char *as;
	/* NULL: none. */
	char **command;
	int32_t pid;
	bool is_system_wide;
	bool is_counting;
	bool excludes_kernel;
	bool has_callchain;
	bool is_json;
	bool wants_facts;
	uint64_t ring_bytes;
	uint64_t min_ring_bytes;
};

static void misuse(const char *what)
{
	fprintf(stderr, "check: %s\n%s", what, usage);
	exit(UNUSABLE);
}

static void give_up(struct perftrace_context *context)
{
	fprintf(stderr, "check: %s\n", perftrace_context_error(context));
	exit(UNUSABLE);
}

/* The text again, and a caret below the fault. */
static void point_at_fault(struct perftrace_context *context, const char *text)
{
	int32_t position = perftrace_context_get_error_position(context);

	if (position >= 0)
		fprintf(stderr, "%s\n%*s\n", text, position + 1, "^");
}

static uint64_t parse_number(const char *text, uint64_t least, uint64_t most,
			     const char *what)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || number < least ||
	    number > most)
		misuse(what);
	return number;
}

static int32_t parse_pid(const char *text)
{
	return (int32_t)parse_number(text, 0, INT32_MAX,
				     "-p takes a process id, or 0");
}

static uint64_t parse_kib(const char *text)
{
	return parse_number(text, 1, UINT32_MAX, "-m and -M take KiB") * 1024;
}

static void parse(struct question *question, int argc, char **argv)
{
	static const struct option words[] = {
		{ "as", required_argument, NULL, 'A' },
		{ "json", no_argument, NULL, 'J' },
		{ "facts", no_argument, NULL, 'F' },
		{ NULL, 0, NULL, 0 },
	};
	int letter;

	*question = (struct question){ .pid = -1 };
	while ((letter = getopt_long(argc, argv, "+e:aC:p:G:cxkm:M:", words,
				     NULL)) != -1) {
		switch (letter) {
		case 'e':
			if (question->num_events == MOST_EVENTS)
				misuse("too many events");
			question->events[question->num_events++] = optarg;
			break;
		case 'a':
			question->is_system_wide = true;
			break;
		case 'C':
			question->cpus = optarg;
			break;
		case 'p':
			question->pid = parse_pid(optarg);
			break;
		case 'G':
			question->cgroup = optarg;
			break;
		case 'c':
			question->is_counting = true;
			break;
		case 'x':
			question->excludes_kernel = true;
			break;
		case 'k':
			question->has_callchain = true;
			break;
		case 'm':
			question->ring_bytes = parse_kib(optarg);
			break;
		case 'M':
			question->min_ring_bytes = parse_kib(optarg);
			break;
		case 'A':
			question->as = optarg;
			break;
		case 'J':
			question->is_json = true;
			break;
		case 'F':
			question->wants_facts = true;
			break;
		default:
			fputs(usage, stderr);
			exit(UNUSABLE);
		}
	}
	if (optind < argc)
		question->command = argv + optind;
	if (question->wants_facts && (question->num_events || optind < argc))
		misuse("--facts goes with neither an event nor a command");
	if (!question->num_events && !question->wants_facts)
		misuse("no event given");
}

static struct perftrace_session_config *
make_config(const struct question *question, struct perftrace_context *context)
{
	struct perftrace_session_config *config;
	int32_t mode = question->is_counting ? PERFTRACE_MODE_COUNT :
					       PERFTRACE_MODE_STREAM;

	if (perftrace_session_config_new(context, &config) ||
	    perftrace_session_config_set_mode(config, mode) ||
	    perftrace_session_config_set_cpus(config, question->cpus) ||
	    perftrace_session_config_set_pid(config, question->pid) ||
	    perftrace_session_config_set_cgroup(config, question->cgroup) ||
	    perftrace_session_config_set_command(
		    config, (const char *const *)question->command) ||
	    perftrace_session_config_set_min_ring_size_bytes(
		    config, question->min_ring_bytes) ||
	    perftrace_session_config_set_system_wide(
		    config, question->is_system_wide) ||
	    (question->ring_bytes &&
	     perftrace_session_config_set_ring_size_bytes(
		     config, question->ring_bytes)))
		give_up(context);
	return config;
}

static struct perftrace_source_config *
make_source_config(const struct question *question,
		   struct perftrace_context *context)
{
	struct perftrace_source_config *config;

	if (perftrace_source_config_new(context, &config) ||
	    perftrace_source_config_set_exclude_kernel(
		    config, question->excludes_kernel) ||
	    perftrace_source_config_set_callchain(
		    config, question->has_callchain ?
				    PERFTRACE_CALLCHAIN_KERNEL :
				    PERFTRACE_CALLCHAIN_NONE))
		give_up(context);
	return config;
}

static void print_json_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < ' ' ||
			 (unsigned char)*text >= 0x7f)
			printf("\\u%04x", (unsigned char)*text);
		else
			putchar(*text);
	}
	putchar('"');
}

static void print_json_pair(const char *name, const char *text)
{
	printf(", \"%s\": ", name);
	print_json_text(text);
}

/* Is it the kernel that says no, or is there no such event? */
static int lookup_status(struct perftrace_context *context, int error)
{
	const char *path;

	switch (error) {
	case -EACCES:
	case -EPERM:
	case -ENODATA:
	case -EOPNOTSUPP:
		return REFUSED;
	default:
		return perftrace_context_get_tracefs(context, &path) ? REFUSED :
								       UNUSABLE;
	}
}

/* Without numbers or findings: there is no event yet that they are about. */
static void print_json_refusal(int error, const char *message)
{
	printf("{\"allowed\": false, \"delivers\": false, \"certain\": true, "
	       "\"error\": %d, \"findings\": []",
	       error);
	print_json_pair("message", message);
	puts("}");
}

static void refuse_lookup(const struct question *question,
			  struct perftrace_context *context, const char *event,
			  int error)
{
	char *message = strdup(perftrace_context_error(context));
	int status;

	if (!message)
		abort();
	point_at_fault(context, event);
	fprintf(stderr, "check: %s\n", message);
	status = lookup_status(context, error);
	if (question->is_json && status == REFUSED)
		print_json_refusal(error, message);
	free(message);
	exit(status);
}

static struct perftrace_session *make_session(const struct question *question,
					      struct perftrace_context *context)
{
	struct perftrace_session_config *config =
		make_config(question, context);
	struct perftrace_source_config *source_config =
		make_source_config(question, context);
	struct perftrace_session *session;
	size_t i;

	if (perftrace_session_new(context, config, &session))
		give_up(context);
	for (i = 0; i < question->num_events; i++) {
		int ret = perftrace_session_add_spec(
			session, question->events[i], source_config);

		if (ret < 0)
			refuse_lookup(question, context, question->events[i],
				      ret);
	}
	perftrace_source_config_free(source_config);
	perftrace_session_config_free(config);
	return session;
}

/* A text of a length that is known only once it was made. */
static char *allocate(int64_t length)
{
	char *text = malloc((size_t)length + 1);

	if (!text)
		abort();
	return text;
}

static char *format_report(struct perftrace_report *report)
{
	int64_t length = perftrace_report_format(report, NULL, 0);
	char *text = allocate(length);

	perftrace_report_format(report, text, (size_t)length + 1);
	return text;
}

static char *format_facts(struct perftrace_facts *facts)
{
	int64_t length = perftrace_facts_format(facts, NULL, 0);
	char *text = allocate(length);

	perftrace_facts_format(facts, text, (size_t)length + 1);
	return text;
}

/* A line each: KEY=VALUE. */
static void print_json_facts(char *text)
{
	const char *before = "{";
	char *line;

	while ((line = strsep(&text, "\n"))) {
		char *key = strsep(&line, "=");

		if (!line)
			continue;
		printf("%s\"%s\": ", before, key);
		print_json_text(line);
		before = ",\n ";
	}
	puts("}");
}

static void print_facts(const struct question *question,
			struct perftrace_facts *facts)
{
	char *text = format_facts(facts);

	if (question->is_json)
		print_json_facts(text);
	else
		fputs(text, stdout);
	free(text);
}

/* UINT64_MAX: there is no limit. */
static void print_available(uint64_t amount, const char *unit)
{
	if (amount == UINT64_MAX)
		printf(" needed, no limit\n");
	else
		printf(" needed, %" PRIu64 "%s available\n", amount, unit);
}

static void print_needs(struct perftrace_report *report)
{
	uint64_t ring_bytes = perftrace_report_get_ring_size_bytes(report);

	printf("descriptors: %" PRIu64,
	       perftrace_report_get_num_descriptors(report));
	print_available(perftrace_report_get_num_descriptors_available(report),
			"");
	if (!ring_bytes)
		return;
	printf("rings: %" PRIu64 " KiB each\nlocked memory: %" PRIu64 " KiB",
	       ring_bytes / 1024, perftrace_report_get_locked_kib(report));
	print_available(perftrace_report_get_locked_kib_available(report),
			" KiB");
}

static const char *sum_up(struct perftrace_report *report)
{
	if (!perftrace_report_is_allowed(report))
		return "refused";
	if (!perftrace_report_can_deliver(report))
		return "allowed, but not every event delivers";
	if (!perftrace_report_is_certain(report))
		return "allowed, as far as can be known";
	return "allowed";
}

static void print_report(struct perftrace_report *report)
{
	char *text = format_report(report);

	fputs(text, stdout);
	free(text);
	print_needs(report);
	printf("answer: %s\n", sum_up(report));
}

static void print_json_amount(const char *name, uint64_t amount)
{
	if (amount == UINT64_MAX)
		printf(", \"%s\": null", name);
	else
		printf(", \"%s\": %" PRIu64, name, amount);
}

static void print_json_remedies(struct perftrace_finding *finding)
{
	size_t i;

	printf(", \"remedies\": [");
	for (i = 0; i < perftrace_finding_get_num_remedies(finding); i++) {
		int32_t kind = perftrace_finding_get_remedy_kind(finding, i);

		printf("%s{\"kind\": ", i ? ", " : "");
		print_json_text(perftrace_remedy_kind_get_name(kind));
		print_json_pair("remedy",
				perftrace_finding_get_remedy(finding, i));
		putchar('}');
	}
	putchar(']');
}

static void print_json_finding(struct perftrace_finding *finding)
{
	int32_t kind = perftrace_finding_get_kind(finding);
	int32_t gate = perftrace_finding_get_gate(finding);

	printf("{\"kind\": ");
	print_json_text(perftrace_finding_kind_get_name(kind));
	print_json_pair("gate", perftrace_gate_get_name(gate));
	printf(", \"error\": %" PRId32,
	       perftrace_finding_get_error_code(finding));
	printf(", \"source\": %" PRId64,
	       perftrace_finding_get_source_index(finding));
	printf(", \"cpu\": %" PRId32, perftrace_finding_get_cpu(finding));
	printf(", \"tid\": %" PRId32, perftrace_finding_get_tid(finding));
	print_json_pair("subject", perftrace_finding_get_subject(finding));
	print_json_pair("message", perftrace_finding_get_message(finding));
	print_json_pair("kernel_function",
			perftrace_finding_get_kernel_function(finding));
	print_json_remedies(finding);
	putchar('}');
}

static const char *json_bool(bool value)
{
	return value ? "true" : "false";
}

static void print_json(struct perftrace_report *report)
{
	size_t count = perftrace_report_get_num_findings(report), i;

	printf("{\"allowed\": %s, \"delivers\": %s, \"certain\": %s, "
	       "\"error\": %" PRId32,
	       json_bool(perftrace_report_is_allowed(report)),
	       json_bool(perftrace_report_can_deliver(report)),
	       json_bool(perftrace_report_is_certain(report)),
	       perftrace_report_get_error_code(report));
	print_json_amount("descriptors",
			  perftrace_report_get_num_descriptors(report));
	print_json_amount(
		"descriptors_available",
		perftrace_report_get_num_descriptors_available(report));
	print_json_amount("locked_kib",
			  perftrace_report_get_locked_kib(report));
	print_json_amount("locked_kib_available",
			  perftrace_report_get_locked_kib_available(report));
	print_json_amount("ring_bytes",
			  perftrace_report_get_ring_size_bytes(report));
	printf(", \"findings\": [");
	for (i = 0; i < count; i++) {
		printf("%s", i ? ",\n " : "\n ");
		print_json_finding(perftrace_report_get_finding(report, i));
	}
	printf("]}\n");
}

static int answer(const struct question *question,
		  struct perftrace_context *context,
		  struct perftrace_facts *facts)
{
	struct perftrace_session *session = make_session(question, context);
	struct perftrace_report *report;
	int status;

	if (perftrace_session_check(session, facts, &report))
		give_up(context);
	if (question->is_json)
		print_json(report);
	else
		print_report(report);
	status = perftrace_report_is_allowed(report) ? ALLOWED : REFUSED;
	perftrace_report_unref(report);
	perftrace_session_free(session);
	return status;
}

int main(int argc, char **argv)
{
	struct perftrace_context *context;
	struct perftrace_facts *facts;
	struct question question;
	int status = ALLOWED;

	parse(&question, argc, argv);
	if (perftrace_context_new(&context))
		return UNUSABLE;
	if (perftrace_facts_new(context, &facts))
		give_up(context);
	if (question.as && perftrace_facts_set(facts, question.as)) {
		point_at_fault(context, question.as);
		give_up(context);
	}
	if (question.wants_facts)
		print_facts(&question, facts);
	else
		status = answer(&question, context, facts);
	perftrace_facts_free(facts);
	perftrace_context_unref(context);
	return status;
}
