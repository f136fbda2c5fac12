/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same in C++: owners are smart pointers, refusals are exceptions. */
#include <cstring>
#include <iostream>
#include <memory>
#include <stdexcept>

#include <perftrace/perftrace.h>

template <typename Object> struct release {
	void (*function)(Object *);

	void operator()(Object *object) const
	{
		function(object);
	}
};

template <typename Object>
using owner = std::unique_ptr<Object, release<Object>>;

static void check(perftrace_context *context, int ret)
{
	if (ret < 0)
		throw std::runtime_error(perftrace_context_error(context));
}

static owner<perftrace_context> make_context()
{
	perftrace_context *context;

	if (perftrace_context_new(&context))
		throw std::bad_alloc();
	return { context, { perftrace_context_unref } };
}

static owner<perftrace_session> make_session(perftrace_context *context)
{
	const char *const command[] = { "true", nullptr };
	perftrace_session_config *config;
	perftrace_session *session;

	check(context, perftrace_session_config_new(context, &config));
	owner<perftrace_session_config> settings{
		config, { perftrace_session_config_free }
	};
	check(context, perftrace_session_config_set_command(config, command));
	check(context, perftrace_session_new(context, config, &session));
	return { session, { perftrace_session_free } };
}

static void trace_true()
{
	auto context = make_context();
	auto session = make_session(context.get());
	perftrace_record *record;
	int ret;

	check(context.get(),
	      perftrace_session_add_spec(session.get(),
					 "sched:sched_process_exec", nullptr));
	check(context.get(), perftrace_session_start(session.get()));
	while ((ret = perftrace_session_read(session.get(), -1, &record)) == 1)
		check(context.get(), perftrace_record_print(record, 1));
	check(context.get(), ret);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !std::strcmp(argv[1], "version")) {
		std::cout << perftrace_version() << std::endl;
		return 0;
	}
	try {
		trace_true();
	} catch (const std::exception &exception) {
		std::cerr << exception.what() << std::endl;
		return 1;
	}
	return 0;
}
