# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What examples/quickstart and tests/run do first. To be sourced.

# Run the script again as root, unless it does.
as_root()
{
	if [ "$(id -u)" = 0 ]; then
		return
	fi
	if ! command -v sudo >/dev/null; then
		echo "$1 must be run as root: there is no sudo" >&2
		exit 1
	fi
	exec sudo -- "$@"
}

# Install those Debian packages that are missing; offline where none is.
install_packages()
{
	missing=
	for wanted in "$@"; do
		status=$(dpkg-query -W -f '${Status}' "$wanted" 2>/dev/null) ||
			status=
		if [ "$status" != "install ok installed" ]; then
			missing="$missing $wanted"
		fi
	done
	if [ -z "$missing" ]; then
		return
	fi
	if ! command -v apt-get >/dev/null; then
		echo "install these first:$missing" >&2
		exit 1
	fi
	echo "installing:$missing" >&2
	apt-get update -qq >&2
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends $missing >&2
}

# Run a command, and show what it says only when it fails; that ends the script.
quietly()
{
	said=$(mktemp)
	if ! "$@" >"$said" 2>&1; then
		cat "$said" >&2
		rm -f "$said"
		exit 1
	fi
	rm -f "$said"
}

# Run the script again with tracefs mounted: in a mount namespace of its own,
# unless it is mounted already.
with_tracefs()
{
	if [ -d /sys/kernel/tracing/events ]; then
		return
	fi
	if [ -n "${PERFTRACE_NAMESPACE:-}" ]; then
		echo "tracefs can't be mounted at /sys/kernel/tracing" >&2
		exit 1
	fi
	export PERFTRACE_NAMESPACE=1
	exec unshare --mount --propagation private sh -c \
		'mount -t tracefs nodev /sys/kernel/tracing && exec "$@"' \
		sh "$@"
}
