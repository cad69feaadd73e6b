"""What the running Python has: its asyncio, asked with `inspect`."""

from __future__ import annotations

import asyncio
import asyncio.subprocess
import functools
import inspect
import sys
import warnings

from asyncio_lsp.catalog.version import Version
from tests.recorded import Recorded, recorded, records

VERSION = Version(sys.version_info.minor, sys.version_info.micro)


def find(name: str) -> object | None:
    """What a public name such as `asyncio.Queue.get` stands for; None where there is nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Deprecated names warn when they are read.
        return functools.reduce(lambda owner, part: getattr(owner, part, None), name.split(".")[1:], asyncio)


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
