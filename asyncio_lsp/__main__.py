"""`python -m asyncio_lsp` is the command `asyncio-lsp`."""

import sys

from asyncio_lsp.cli import main

if __name__ == "__main__":
    sys.exit(main())
