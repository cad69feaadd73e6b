"""What the user set, checked."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints

SECTION = "asyncio-lsp"


@dataclass(frozen=True)
class Settings:
    """The settings of one workspace; a field's name is the setting's, with `_` for the dot."""

    python: str = ""
    hover_enabled: bool = True
    hover_detail: Literal["short", "normal", "full"] = "normal"
    hover_keywords: bool = True
    signatureHelp_enabled: bool = True  # noqa: N815  # The name is the setting's.
    completion_enabled: bool = True
    completion_snippets: Literal["recipes", "calls", "off"] = "recipes"
    diagnostics_enabled: bool = True
    diagnostics_select: tuple[str, ...] | None = None
    diagnostics_ignore: tuple[str, ...] = ()
    inlayHints_enabled: bool = False  # noqa: N815  # As above.
    log_level: Literal["error", "warning", "info", "debug"] = "warning"


_NAMES = {each.name.replace("_", ".", 1): each.name for each in fields(Settings)}
_TYPES = get_type_hints(Settings)
_LISTS = ("diagnostics_select", "diagnostics_ignore")


def read(raw: object) -> tuple[Settings, list[str]]:
    """Take settings as a client sends them: nested, or with dotted keys, alone or under the section's name.

    Returns them with one line for each that was ignored.
    """
    if raw is None or raw == []:  # Lua has one empty table for both.
        return Settings(), []
    if not isinstance(raw, dict):
        return Settings(), [f"settings: expected an object, not {raw!r}"]
    given: dict[Any, Any] = raw
    if SECTION in raw:
        given = raw[SECTION] if isinstance(raw[SECTION], dict) else {}
    values: dict[str, Any] = {}
    problems = []
    for key, value in _flat(given):
        name = _NAMES.get(key)
        if name is None:
            problems.append(f"setting {SECTION}.{key} is unknown; it is ignored")
        elif value is None:
            continue
        elif isinstance(value, list) and all(isinstance(each, str) for each in value) and name in _LISTS:
            values[name] = tuple(value)
        elif name in _LISTS or not _fits(value, _TYPES[name]):
            problems.append(f"setting {SECTION}.{key} must be {_described(_TYPES[name])}, not {value!r}; it is ignored")
        else:
            values[name] = value
    return replace(Settings(), **values), problems


def _flat(raw: dict[Any, Any], prefix: str = "") -> list[tuple[str, object]]:
    out: list[tuple[str, object]] = []
    for key, value in raw.items():
        dotted = f"{prefix}{key}"
        if value == [] and any(name.startswith(f"{dotted}.") for name in _NAMES):
            continue
        if isinstance(value, dict) and dotted not in _NAMES:
            out += _flat(value, f"{dotted}.")
        else:
            out.append((dotted, value))
    return out


def _fits(value: object, expected: object) -> bool:
    choices = get_args(expected)
    if choices:
        return value in choices
    return isinstance(expected, type) and isinstance(value, expected)


def _described(expected: object) -> str:
    if expected in (_TYPES[name] for name in _LISTS):
        return "a list of note ids"
    choices = get_args(expected)
    if choices:
        return "one of " + ", ".join(map(str, choices))
    return "true or false" if expected is bool else "text"
