# Sourced by Pipelines/demo and Pipelines/test: what building interventome needs, checked and, where missing, installed.
# Sets build_options (an array) for `swift build` and `swift test`.

needed_swift="6.1"
needed_packages=(libhdf5-dev libopenblas-dev zlib1g-dev libdeflate-dev libblosc-dev libzstd-dev pkg-config)
chemistry_packages=(librdkit-dev)
# What the toolchain itself needs to start and to link, where it does not yet.
toolchain_packages=(g++ libcurl4-openssl-dev libncurses-dev libsqlite3-dev libxml2-dev tzdata)

say() { printf '%s\n' "$@" >&2; }

check_swift() {
  if ! command -v swift >/dev/null; then
    say "error: Swift is missing" "  in: PATH" "  because: building needs Swift $needed_swift or later, found none" \
      "  try: install the toolchain from https://www.swift.org/install/linux and put its bin folder on PATH"
    exit 69
  fi
}

check_swift_version() {
  local version
  version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+' | head -n 1)
  if [ "$(printf '%s\n%s\n' "$needed_swift" "${version:-0}" | sort -V | head -n 1)" != "$needed_swift" ]; then
    say "error: Swift is too old" "  in: $(command -v swift)" \
      "  because: building needs Swift $needed_swift or later, found ${version:-an unknown version}" \
      "  try: install a newer toolchain from https://www.swift.org/install/linux"
    exit 69
  fi
}

is_installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

is_available() { apt-cache show "$1" >/dev/null 2>&1; }

# Boost 1.74, Debian 12's default, doesn't compile under Swift's clang; RDKit itself needs only its headers.
boost_headers() {
  local name
  for name in libboost1.81-dev libboost1.83-dev libboost1.88-dev libboost-dev; do
    if is_installed "$name" || is_available "$name"; then echo "$name" && return; fi
  done
}

can_install() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }

install_packages() {
  local run=(env DEBIAN_FRONTEND=noninteractive apt-get)
  if [ "$(id -u)" -ne 0 ]; then
    if ! can_install; then
      say "error: packages are missing" "  in: this system" "  because: building needs $*, and installing them needs root" \
        "  try: sudo apt-get install $*"
      exit 69
    fi
    run=(sudo "${run[@]}")
  fi
  say "installing: $*"
  "${run[@]}" install -y -qq --no-install-recommends "$@" >/dev/null \
    || { "${run[@]}" update -qq && "${run[@]}" install -y -qq --no-install-recommends "$@" >/dev/null; } \
    || { say "error: packages can't be installed" "  in: apt-get" "  because: installing $* failed" \
           "  try: check the network, then sudo apt-get install $*"; exit 69; }
}

missing_of() {
  local name
  for name in "$@"; do is_installed "$name" || echo "$name"; done
}

set_up() {
  check_swift
  build_options=()
  if ! command -v dpkg-query >/dev/null; then
    say "note: not a Debian or Ubuntu system; the libraries of ${needed_packages[*]} must be there already"
    check_swift_version
    return
  fi
  local missing chemistry
  mapfile -t missing < <(missing_of "${needed_packages[@]}")
  command -v git >/dev/null || missing+=(git ca-certificates)
  swift --version >/dev/null 2>&1 && [ -d /usr/include/c++ ] || missing+=("${toolchain_packages[@]}")
  mapfile -t chemistry < <(missing_of "${chemistry_packages[@]}")
  [ "${#missing[@]}${#chemistry[@]}" = 00 ] || apt-cache show libhdf5-dev >/dev/null 2>&1 \
    || { [ "$(id -u)" -ne 0 ] || apt-get update -qq || true; }
  [ "${#missing[@]}" -eq 0 ] || install_packages "${missing[@]}"
  check_swift_version
  mapfile -t chemistry < <(missing_of "${chemistry_packages[@]}" $(boost_headers))
  if [ "${#chemistry[@]}" -eq 0 ]; then return; fi
  if can_install && is_available "${chemistry_packages[0]}"; then
    install_packages "${chemistry[@]}"
  else
    say "note: built without RDKit (${chemistry[*]} missing): SMILES columns can't be used, feature tables can"
    build_options=(--disable-default-traits)
  fi
}
