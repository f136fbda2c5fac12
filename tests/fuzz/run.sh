#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# run.sh PROGRAM CORPUS LONGEST - fuzz for five seconds
#
# The corpus is copied, for libFuzzer adds to it. An input that crashes stays
# in the directory that the test was started in, and is named in its output.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$2"/* "$work"
# libFuzzer's own exit status for a crash, 77, means "skipped" to meson.
"$1" -max_total_time=5 -max_len="$3" -timeout=10 -print_final_stats=1 "$work" ||
	exit 1
