"""What the running Python has: its asyncio, asked with `inspect`."""

from __future__ import annotations

import asyncio
import asyncio.subprocess
import inspect
import re
import sys
import warnings

from asyncio_lsp.catalog.version import Version
from tests.recorded import Recorded, recorded, records

VERSION = Version(sys.version_info.minor, sys.version_info.micro)


def find(name: str) -> object | None:
    """What a public name such as `asyncio.Queue.get` stands for; None where there is nothing."""
    found: object | None = asyncio
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Deprecated names warn when they are read.
        for part in name.split(".")[1:]:
            found = getattr(found, part, None)
    return found


def has(name: str) -> bool:
    """Say whether the name exists, in the class or in the objects that its methods make."""
    owner, _, short = name.rpartition(".")
    holder = find(owner) if owner else None
    return find(name) is not None or (inspect.isclass(holder) and _sets(holder, short))


def _sets(holder: type, attribute: str) -> bool:
    """Say whether a method of the class, if that is written in Python, sets the attribute."""
    try:
        source = inspect.getsource(holder)
    except (OSError, TypeError):
        return False
    return re.search(rf"\bself\.{attribute}\b[^=\n]*= ", source) is not None


def signature(name: str) -> list[Recorded]:
    """The parameters without `self`, where a real loop takes more than the abstract class those of the real loop.

    A ValueError or TypeError says that `inspect` cannot read them.
    """
    if "implementation_signatures" in records()[name]:
        name = name.replace("asyncio.AbstractEventLoop", "asyncio.SelectorEventLoop")
    found, owner = find(name), find(name.rpartition(".")[0])
    if not callable(found):
        raise TypeError(f"{name} is not called")
    parameters = list(inspect.signature(found).parameters.values())
    if inspect.isclass(owner) and not isinstance(inspect.getattr_static(owner, name.rpartition(".")[2]), staticmethod):
        parameters = parameters[1:]
    return recorded(str(inspect.Signature(parameters)))
