#!/usr/bin/env bash
# Runs the tests in the editor, on the vsix that `npm run package` made. Arguments go to node: --test-name-pattern=hover
# Screenshots go to $SCREENSHOTS, else to $VSCODE_TEST_HOME/screenshots.
set -euo pipefail

home=${VSCODE_TEST_HOME:-/tmp/vsc}
cd "$(dirname "$0")/.."
if [ ! -x "$home/env/bin/node" ] || [ ! -e "$home/code-server/done" ] || [ ! -x "${CHROMIUM:-$home/chromium/chromium}" ]; then
  echo "the editor or the browser is missing in $home: test/setup.sh installs them; no test has run" >&2
  exit 2
fi
export VSCODE_TEST_HOME=$home
"$home/env/bin/node" test/extensions/pack.mjs "$home/extensions" >"$home/extensions.log" 2>&1 || { cat "$home/extensions.log"; exit 1; }
exec "$home/env/bin/node" --test --test-concurrency=1 --test-timeout=180000 "$@" test/*.test.ts
