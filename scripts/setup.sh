#!/usr/bin/env bash
# Installs what a bare Debian machine with Swift lacks to build phasegate, and
# with `scripts/setup.sh test` also what its tests hold it against. Does nothing
# where all of it is there.
set -euo pipefail
cd "$(dirname "$0")/.."

# The sqlite3 shell is what tests and benchmarks compare with; the two
# client libraries are for the engines to come.
packages=(libsqlite3-dev libxml2-dev libxml2-utils libpq-dev libmariadb-dev pkg-config sqlite3)

if ! command -v swift >/dev/null; then
    echo "phasegate needs Swift 6.2 or later on the PATH: https://www.swift.org/install/linux/" >&2
    exit 69
fi

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done
if [ ${#missing[@]} != 0 ]; then
    echo "Installing with apt-get: ${missing[*]}"
    as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || {
            echo "not root and no sudo; install by hand: apt-get install ${missing[*]}" >&2
            exit 77
        }
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -q
    # Through env, because sudo does not hand variables on.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

case "${1:-}" in
'') ;;
test) scripts/setup-test-tools.sh ;;
*)
    echo "usage: scripts/setup.sh [test]" >&2
    exit 64
    ;;
esac
