# Debian packages, by what needs them. Sourced by quickstart and run-tests.

BUILD_PACKAGES="gcc libc6-dev meson ninja-build pkg-config libuv1-dev libxml2-dev libgnutls28-dev nettle-dev libunistring-dev heimdal-multidev"
ENDPOINT_PACKAGES="python3 openssl python3-gssapi gss-ntlmssp"
TEST_PACKAGES="g++ abigail-tools binutils mypy liblzma-dev libglib2.0-dev groff-base man-db heimdal-kdc apache2-bin libapache2-mod-auth-gssapi"
ANALYSIS_PACKAGES="clang libclang-rt-14-dev clang-tidy cppcheck"
PROBE_PACKAGES="valgrind gcovr"
PEER_PACKAGES="python3-winrm golang-go golang-github-masterzen-winrm-dev python3-venv python3-dev krb5-multidev samba samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind ldb-tools iproute2"

# Installs those that are missing, and only then touches apt.
need_packages() {
    local missing=() p
    if ! command -v apt-get > /dev/null; then
        echo "no apt-get here; what these packages of Debian 12 have is taken to be there: $*"
        return 0
    fi
    for p in "$@"; do
        dpkg-query -W -f='${db:Status-Abbrev}' "$p" 2>/dev/null | grep -q '^.i' || missing+=("$p")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        echo "all there: $*"
        return 0
    fi
    echo "installing: ${missing[*]}"
    local sudo=()
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo > /dev/null; then
            echo "neither root nor sudo; as root: apt-get install --no-install-recommends ${missing[*]}" >&2
            return 1
        fi
        sudo=(sudo)
    fi
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
}
