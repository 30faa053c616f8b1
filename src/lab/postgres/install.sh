#!/bin/sh
# Makes PostgreSQL's server programs present: installs the distribution's package where there are none and we may,
# else says how. Run by the lab itself and by tests/setup.
set -eu

for postgres in "${PGBIN:-}"/postgres /usr/lib/postgresql/*/bin/postgres "$(command -v postgres || true)"; do
    if [ -x "$postgres" ]; then exit 0; fi
done

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "no PostgreSQL server was found. Install version 15 or later (Debian: sudo apt-get install postgresql)," \
        "or set PGBIN to the directory of its programs initdb and postgres" >&2
    exit 1
fi

echo "no PostgreSQL server was found: installing the package postgresql" >&2
# Only the programs are wanted: the package must not set up and start a cluster of its own.
settings=/etc/postgresql-common/createcluster.d
mkdir -p "$settings"
trap 'rm -f "$settings/mozyd-lab.conf"' EXIT
echo "create_main_cluster = false" >"$settings/mozyd-lab.conf"

export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=300 update >&2
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends postgresql >&2
