"""Prints the skeleton of a new entry from the recorded facts: `python -m tests.skeleton asyncio.Queue.get`.

What a program can know is filled in; every TEXT is the writer's.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Sequence
from typing import Any

from asyncio_lsp.catalog.version import OLDEST, Version
from tests.recorded import VERSIONS, Recorded, present, records, signature

_WORDS = {
    "coroutine function": "async def",
    "coroutine method": "async def",
    "class": "class",
    "exception": "exception",
}
_VALUES = ("constant", "property", "attribute")


def main(arguments: Sequence[str]) -> int:
    """Print the skeleton of one name and return the exit status; an unknown name is answered with the nearest."""
    if len(arguments) != 1:
        return _refused("give one name, for instance asyncio.Queue.get")
    name = arguments[0]
    if name not in records():
        spelled = {known.removeprefix("asyncio."): known for known in records()}
        near = difflib.get_close_matches(name.removeprefix("asyncio."), spelled)
        hint = f"; did you mean {' or '.join(spelled[each] for each in near)}?" if near else ""
        return _refused(f"nothing is recorded of {name!r}{hint}")
    sys.stdout.write(skeleton(name))
    return 0


def _refused(message: str) -> int:
    sys.stderr.write(f"skeleton: {message}\n")
    return 2


def skeleton(name: str) -> str:
    """The text of the new file; an unknown name is a KeyError."""
    record = records()[name]
    short = name.rpartition(".")[2]
    parameters = _merged(record)
    # Literal strings, because defaults like b'\n' hold backslashes.
    lines = ["+++", "declaration = '''", _declaration(record, short, parameters), "'''"]
    lines += _lifetime(record)
    if "doc_anchor" in record:
        lines.append(f'docs = "{record["doc_anchor"]}"')
    lines += ['returns = "TEXT"', 'cancellation = "TEXT"', "see = []"]
    for parameter in parameters:
        lines += ["", f"[parameters.{parameter.name}]", *_parameter_life(record, parameter), 'text = "TEXT"']
    lines += ["", "[[raises]]", 'error = "TEXT"', 'when = "TEXT"', "", "[[facts]]", 'text = "TEXT"']
    for version, fact in record.get("changed", []):
        if Version.parse(version) >= OLDEST:
            lines += ["", "[[changed]]", f'version = "{version}"', f"text = {json.dumps(f'TEXT: {fact}')}"]
    lines += ["+++", "TEXT.", "", "## Example", "", "```python", "# show", "# hide", "```", "", "```text", "```", ""]
    return "\n".join(lines)


def _merged(record: dict[str, Any]) -> list[Recorded]:
    """All parameters that ever were, as the newest version with them has them, in the order that suits all versions."""
    out: list[Recorded] = []
    for version in reversed(VERSIONS):
        place = 0
        for parameter in signature(record, version) or []:
            names = [known.name for known in out]
            if parameter.name in names:
                place = names.index(parameter.name) + 1
            else:
                out.insert(place, parameter)
                place += 1
    return out


def _declaration(record: dict[str, Any], short: str, parameters: list[Recorded]) -> str:
    kind = record["kind"]
    if kind in _VALUES:
        return f"{short}: TYPE" + (f" = {record['value']}" if "value" in record else "")
    if kind == "module":
        return f"module {short}"
    stars = {"variadic": "*", "variadic keyword": "**"}
    texts: list[str] = []
    for parameter in parameters:
        default = f" = {parameter.default}" if parameter.default is not None else ""
        if parameter.passing == "keyword only" and not any(text.startswith("*") for text in texts):
            texts.append("*")
        texts.append(f"{stars.get(parameter.passing, '')}{parameter.name}: TYPE{default}")
        if parameter.passing == "positional only":
            texts.append("/")
    slashes = texts.count("/")
    texts = [text for index, text in enumerate(texts) if text != "/" or "/" not in texts[index + 1 :]]
    assert slashes == 0 or "/" in texts
    return f"{_WORDS.get(kind, 'def')} {short}({', '.join(texts)}) -> TYPE"


def _lifetime(record: dict[str, Any]) -> list[str]:
    keys = {"added": "since", "deprecated": "deprecated", "removed": "removed", "removal_planned": "removal_planned"}
    lines = [f'{key} = "{record[fact]}"' for fact, key in keys.items() if fact in record]
    if "availability" in record:
        lines.append(f'platforms = "{record["availability"]}"')
    if record.get("thread_safe"):
        lines.append("thread_safe = true")
    return lines


def _parameter_life(record: dict[str, Any], parameter: Recorded) -> list[str]:
    alive = [version for version in VERSIONS if present(record, version)]
    having = [
        version for version in alive if parameter.name in {each.name for each in signature(record, version) or []}
    ]
    lines = []
    if having and having[0] != alive[0]:
        lines.append(f'since = "{having[0]}"')
    if having and having[-1] != alive[-1]:
        lines.append(f'removed = "{alive[alive.index(having[-1]) + 1]}"')
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
