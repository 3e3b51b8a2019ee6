# Shared by the scripts in ops/ and .ci/; to be sourced by bash.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The one list of Debian packages: what building and running needs, and what only the tests need.
RUN_PACKAGES=(ca-certificates curl g++ git libhiredis-dev openssl procps python3 redis-server util-linux)
TEST_PACKAGES=(
    apache2 caddy haproxy libapache2-mod-auth-openidc libnginx-mod-http-lua lua-nginx-redis lua-socket nginx
    python3-jwt python3-venv wrk
)

SWIFT_AT_LEAST=6.2

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    BOLD=$'\e[1m' GREEN=$'\e[32m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
    BOLD='' GREEN='' RED='' PLAIN=''
fi

say() { printf '%s\n' "$*"; }
headline() { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }
fail() {
    printf '%s%s%s\n' "$RED" "$*" "$PLAIN" >&2
    exit 1
}

# Milliseconds since some point in the past.
now_ms() {
    local micros=${EPOCHREALTIME//[!0-9]/}
    printf '%s' "$((micros / 1000))"
}

# For sh -c: runs its arguments while the packages that they install may not start their services. Tests want the
# programs, and a web server on ports 80 and 443 is nobody's wish. invoke-rc.d asks policy-rc.d, and 101 is "no"; an
# administrator's own policy stays as it is.
WITHOUT_STARTING_SERVICES=$(cat <<'SCRIPT'
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || exit 1
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' INT TERM
fi
"$@"
SCRIPT
)

# ensure_packages NAME...: installs those that are missing, and only those. None starts a service.
ensure_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        fail "This script installs what it needs with apt, and this is not a Debian or Ubuntu system." \
            "Install these by hand, by the names your system gives them, and use the commands in README.md: $*"
    fi
    local name missing=()
    for name in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
    done
    ((${#missing[@]})) || return 0
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            fail "These packages are missing: ${missing[*]}. Run as root, or install sudo."
        as_root=(sudo)
    fi
    headline "Installing ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q ||
        fail "apt-get update failed; see above."
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c "$WITHOUT_STARTING_SERVICES" sh \
        apt-get install -q -y --no-install-recommends "${missing[@]}" ||
        fail "Installing failed; see above. Missing: ${missing[*]}"
}

# ensure_swift: refuses to go on without a Swift that is new enough.
ensure_swift() {
    local get="Get it from https://www.swift.org/install/linux/ (or with swiftly) and put its bin folder on PATH."
    command -v swift >/dev/null || fail "Swift $SWIFT_AT_LEAST or newer is needed and there is none. $get"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    [[ -n $version ]] || fail "'swift --version' tells no version. $get"
    [[ $(printf '%s\n%s\n' "$SWIFT_AT_LEAST" "$version" | sort -V | head -n 1) == "$SWIFT_AT_LEAST" ]] ||
        fail "Swift $SWIFT_AT_LEAST or newer is needed; this is $version. $get"
}
