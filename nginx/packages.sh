# Sourced by the scripts that promise to work on a fresh Debian: installs the packages that are missing, and nothing
# when all are there.  packages_install NAME...

packages_missing()
{
	for package; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
	done
}

packages_install()
{
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	if ! command -v apt-get >/dev/null 2>&1; then
		echo "These packages are needed: $missing" >&2
		return 1
	fi
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null 2>&1 || { echo "Run as root, or install: $missing" >&2; return 1; }
		as_root=sudo
	fi
	echo "Installing: $missing"
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >/dev/null
}

# The same, but no server that is installed is started: several of them would want port 80.
packages_install_idle()
{
	policy=/usr/sbin/policy-rc.d
	[ -n "$(packages_missing "$@")" ] || return 0
	if [ ! -e $policy ] && command -v apt-get >/dev/null 2>&1; then
		as_root=
		[ "$(id -u)" -eq 0 ] || as_root=sudo
		printf '#!/bin/sh\nexit 101\n' | $as_root sh -c "cat >$policy && chmod 755 $policy" || return 1
		packages_install "$@"
		set -- $?
		$as_root rm -f $policy
		return "$1"
	fi
	packages_install "$@"
}
