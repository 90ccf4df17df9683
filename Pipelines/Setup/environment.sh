# Sourced by tests that run Python: an environment of pinned packages, kept between calls, and what ends a test that can't run.

# skip REASON: ends the test with 0. `Pipelines/test` repeats these lines at its end.
skip() {
  echo "skipped: $1" >&2
  exit 0
}

# enter_environment NAME REQUIREMENTS: puts the packages of the file on PATH. Where they can't be had, the test is skipped.
enter_environment() {
  command -v python3 >/dev/null || skip "python3 is missing"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || skip "the packages of $2 need Python 3.11 or later"
  local folder
  folder=${XDG_CACHE_HOME:-$HOME/.cache}/interventome/$1-$(sha256sum "$2" | cut -c 1-12)
  if [ ! -e "$folder/complete" ]; then
    rm -rf "$folder"
    mkdir -p "$(dirname "$folder")"
    python3 -m venv "$folder" || skip "python3 can't make environments; Debian's package is python3-venv"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --retries 1 -r "$2" >&2 \
      || skip "the packages of $2 can't be installed"
    touch "$folder/complete"
  fi
  export PATH="$folder/bin:$PATH"
}

# find_program FOLDER: sets INTERVENTOME_BINARY to the release build of the package in the folder, where it is not set.
find_program() {
  local program=${INTERVENTOME_BINARY:-$1/.build/release/interventome}
  [ -x "$program" ] || skip "no program at $program; build it, or name it in INTERVENTOME_BINARY"
  INTERVENTOME_BINARY=$(realpath "$program")
  export INTERVENTOME_BINARY
}
