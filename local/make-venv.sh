#!/bin/sh
# Makes .venv (the code and its tests) and .venv/tools (SAM and MiniStack) from the pinned requirements.
# PYTHON=<interpreter> chooses one; otherwise the first candidate that runs is taken: a shim on PATH may exist and yet fail.
set -eu
cd "$(dirname "$0")/.."

usable() {
  "$1" -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1
}

find_python() {
  for candidate in ${PYTHON:-python3.13 python3.12 python3.14 python3.11 python3 python}; do
    if usable "$candidate"; then "$candidate" -c 'import sys; print(sys.executable)'; return; fi
  done
  echo "No Python 3.11 to 3.14 runs here (tried: ${PYTHON:-python3.13 … python3}). Install one, or name it: make PYTHON=/path/to/python3.13 …" >&2
  exit 1
}

create() {  # Debian ships venv without ensurepip unless python3-venv is installed: then borrow the interpreter's own pip
  "$python" -m venv "$1" >/dev/null 2>&1 && return
  "$python" -m venv --without-pip "$1"
  "$python" -m pip --python "$1/bin/python" install -qq pip setuptools
}

install() {  # the pins are complete, so nothing is left to resolve
  venv=$1; shift
  "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-compile "$@"
}

python=$(find_python)
version=$("$python" -c 'import platform; print(platform.python_version())')
if [ "$(.venv/bin/python -c 'import platform; print(platform.python_version())' 2>/dev/null)" != "$version" ]; then
  rm -rf .venv
fi
echo "Making .venv with Python $version; the first time takes a minute or two."
[ -x .venv/bin/pip ] || create .venv
[ -x .venv/tools/bin/pip ] || create .venv/tools
install .venv/tools -r requirements/tools.txt &
tools=$!
install .venv -r layers/dependencies/requirements.txt -r layers/media/requirements.txt -r requirements/dev.txt
wait "$tools"
touch .venv/ready
