#!/bin/sh
# Makes the virtual environment: sh tools/setup.sh VENV LOCK. Everything in it is pinned and checked by hash.
set -eu

venv=$1
lock=$2
ready=$venv/.ready
suits='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

python=
for candidate in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3.14 python3; do
    # Only one that really runs counts: version managers leave names in the path that do not.
    if "$candidate" -c "$suits" >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "clipwire: no Python 3.11 or newer with its venv module was found." >&2
    echo "Install one (on Debian and Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12 …" >&2
    exit 1
fi

rm -f "$ready"
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 || ! "$venv/bin/python" -c "$suits" 2>/dev/null; then
    echo "clipwire: making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
fi

echo "clipwire: installing what $lock names"

run_pip() { "$venv/bin/python" -m pip --disable-pip-version-check --no-input install --quiet --no-warn-script-location "$@"; }
run_pip --require-hashes -r "$lock"
# The build backend is in the lock, so that installing the project itself fetches nothing.
run_pip --no-deps --no-build-isolation --no-index -e .
touch "$ready"
