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
