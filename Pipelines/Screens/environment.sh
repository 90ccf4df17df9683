# Sourced by `test` and `test-slurm`: the program and an environment of pinned packages, kept between calls.
# Sets `program`; puts Snakemake on PATH. Where something can't be had, says what and ends the test with 0.

skip() {
  echo "skipped: $1" >&2
  exit 0
}

program=${INTERVENTOME_BINARY:-$screens/../../.build/release/interventome}
[ -x "$program" ] || skip "no program at $program; build it, or name it in INTERVENTOME_BINARY"
program=$(realpath "$program")
command -v python3 >/dev/null || skip "python3 is missing"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || skip "Snakemake 9 needs Python 3.11 or later"

digest=$(sha256sum "$screens/requirements.txt" | cut -c 1-12)
environment=${XDG_CACHE_HOME:-$HOME/.cache}/interventome/screens-$digest
if [ ! -e "$environment/complete" ]; then
  rm -rf "$environment"
  mkdir -p "$(dirname "$environment")"
  python3 -m venv "$environment" || skip "python3 can't make environments; Debian's package is python3-venv"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --retries 1 -r "$screens/requirements.txt" >&2 \
    || skip "the packages of requirements.txt can't be installed"
  touch "$environment/complete"
fi
export PATH="$environment/bin:$PATH" INTERVENTOME_BINARY="$program"
