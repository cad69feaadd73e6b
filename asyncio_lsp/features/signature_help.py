"""The signature of the call at a position, and the parameter that is being written."""

from __future__ import annotations

from dataclasses import dataclass

from asyncio_lsp.analysis.calls import Argument, call_at
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.text import Position
from asyncio_lsp.catalog.declaration import Parameter, Passing
from asyncio_lsp.catalog.entry import Entry
from asyncio_lsp.catalog.version import Target
from asyncio_lsp.features import markup
from asyncio_lsp.features.library import Library

_BY_POSITION = (Passing.POSITIONAL_ONLY, Passing.POSITIONAL, Passing.VARIADIC)
_BY_KEYWORD = (Passing.POSITIONAL, Passing.KEYWORD_ONLY)


@dataclass(frozen=True)
class SignatureParameter:
    """A parameter's place in the label, in code points from 0, and its text as Markdown."""

    name: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class SignatureHelp:
    """One signature; `active` indexes `parameters`, None when the argument fits none of them."""

    entry: Entry
    label: str
    documentation: str
    parameters: tuple[SignatureParameter, ...]
    active: int | None


def signature_help(library: Library, source: Source, position: Position, target: Target) -> SignatureHelp | None:
    """Explain the call around a position as the target has it."""
    call = call_at(library.evaluator(), source, position)
    if call is None:
        return None
    entry = library.catalog.find(call.name)
    if entry is None or not entry.declaration.callable:
        return None
    declaration = entry.declaration_until(target)
    label, parameters = f"{declaration.name}(", []
    for index, (parameter, text) in enumerate(declaration.items()):
        label += ", " if index else ""
        if parameter is not None:
            facts = entry.facts.parameters[parameter.name]
            described = markup.named_parameter(parameter, facts, target)
            parameters.append(SignatureParameter(parameter.name, len(label), len(label) + len(text), described))
        label += text
    label += f"){declaration.result}"
    active = _active(declaration.parameters, call.arguments)
    return SignatureHelp(entry, label, documentation(entry, target), tuple(parameters), active)


def documentation(entry: Entry, target: Target) -> str:
    """What stands below the signature: how it is used, the summary, and what matters for the versions."""
    lines = [f"{markup.how_to_use(entry)}{entry.summary}", *markup.availability(entry, target)]
    return "\n\n".join(lines)


def _active(parameters: tuple[Parameter, ...], arguments: tuple[Argument, ...]) -> int | None:
    """The index of the parameter that the last argument goes to."""
    current = arguments[-1]
    if current.keyword is not None:
        return _by_keyword(parameters, current.keyword)
    if current.stars == 2:
        return _first(parameters, Passing.VARIADIC_KEYWORD)
    given = {argument.keyword for argument in arguments[:-1]} - {None}
    if given or any(argument.stars == 2 for argument in arguments[:-1]):
        return _next_keyword(parameters, given, len([each for each in arguments[:-1] if each.keyword is None]))
    positional = [index for index, parameter in enumerate(parameters) if parameter.passing in _BY_POSITION]
    place = len(arguments) - 1
    if place < len(positional):
        return positional[place]
    if positional and parameters[positional[-1]].passing is Passing.VARIADIC:
        return positional[-1]
    return None


def _by_keyword(parameters: tuple[Parameter, ...], name: str) -> int | None:
    for index, parameter in enumerate(parameters):
        if parameter.name == name and parameter.passing in _BY_KEYWORD:
            return index
    return _first(parameters, Passing.VARIADIC_KEYWORD)


def _next_keyword(parameters: tuple[Parameter, ...], given: set[str | None], positional: int) -> int | None:
    """After a keyword argument only another one can follow: the first that is still free."""
    for index, parameter in enumerate(parameters):
        taken = parameter.name in given or (parameter.passing is Passing.POSITIONAL and index < positional)
        if parameter.passing in _BY_KEYWORD and not taken:
            return index
    return _first(parameters, Passing.VARIADIC_KEYWORD)


def _first(parameters: tuple[Parameter, ...], passing: Passing) -> int | None:
    return next((index for index, parameter in enumerate(parameters) if parameter.passing is passing), None)
