"""The parts that an answer is laid out from, as Markdown."""

from __future__ import annotations

from asyncio_lsp.catalog.declaration import Declaration, Kind, Parameter, Passing
from asyncio_lsp.catalog.entry import Entry, Fact, Page, ParameterFacts, Raise, Use
from asyncio_lsp.catalog.version import Lifetime, Target

WIDTH = 88
_WRAPPED_LINES = 6
_USES = {
    Use.AWAIT: "Await it",
    Use.ASYNC_WITH: "use it with `async with`",
    Use.WITH: "use it with `with`",
    Use.ASYNC_FOR: "loop over it with `async for`",
    Use.FOR: "loop over it with `for`",
    Use.CALL: "Call it",
    Use.DECORATE: "decorate with it",
    Use.SUBCLASS: "derive from it",
    Use.ANNOTATE: "annotate with it",
    Use.EXCEPT: "Catch it",
    Use.READ: "",
    Use.CALLBACK: "define it, asyncio calls it",
}
_BOTH_LOOPS = (f"{_USES[Use.FOR]} or {_USES[Use.ASYNC_FOR]}", "loop over it with `for` or `async for`")


def signature(entry: Entry, target: Target) -> str:
    """The name with its signature for a target, in a code block, wrapped where it is long."""
    declaration = entry.declaration_for(target)
    return f"```python\n{_printed(entry.name, declaration)}\n```"


def _printed(name: str, declaration: Declaration) -> str:
    if declaration.kind is Kind.MODULE:
        return name
    if not declaration.callable:
        value = f" = {declaration.value}" if declaration.value else ""
        return f"{name}: {declaration.returns}{value}"
    texts = [text for _, text in declaration.items()]
    line = f"{name}({', '.join(texts)}){declaration.result}"
    if len(line) <= WIDTH:
        return line
    wrapped = _filled(texts)
    if len(wrapped) > _WRAPPED_LINES:
        wrapped = _filled([text for _, text in declaration.items(annotated=False)])
    return "\n".join([f"{name}(", *wrapped, f"){declaration.result}"])


def _filled(texts: list[str]) -> list[str]:
    """Fill indented lines with items that are followed by commas."""
    lines = ["   "]
    for text in texts:
        if len(lines[-1]) + len(text) + 2 > WIDTH and lines[-1].strip():
            lines.append("   ")
        lines[-1] += f" {text},"
    return lines


def how_to_use(entry: Entry) -> str:
    """How the name is used, as the bold beginning of a line; empty when there is nothing to say."""
    parts = [_USES[use] for use in entry.use if _USES[use]]
    if not parts:
        return ""
    text = " or ".join(parts).replace(*_BOTH_LOOPS)
    return f"**{text[0].upper()}{text[1:]}.** "


def availability(entry: Entry, target: Target) -> list[str]:
    """What the project's versions make of the name: nothing when it is there in all of them for good."""
    facts = entry.facts
    lines = _life(facts, target)
    deprecated = facts.deprecated_in(target)
    if deprecated is not None and facts.missing_from(target) is None:
        planned = f", to be removed in {facts.removal_planned}" if facts.removal_planned else ""
        lines.append(f"**Deprecated** since {deprecated}{planned}.")
    if lines and facts.replacement and (deprecated or facts.removed):
        lines[-1] += f" Use {facts.replacement}."
    if facts.platforms:
        lines.append(f"**{facts.platforms} only.**")
    declared = {
        each.name for each in entry.declaration_for(target).parameters if each.passing is not Passing.VARIADIC_KEYWORD
    }
    late = [
        (name, life.since)
        for name, life in facts.parameters.items()
        if name in declared and life.missing_before(target)
    ]
    if late and not facts.missing_before(target):
        listed = ", ".join(f"`{name}` {since}" for name, since in late)
        lines.append(f"Newer than {target.oldest}: {listed}.")
    return lines


def _life(life: Lifetime, target: Target) -> list[str]:
    since, removed = life.missing_before(target), life.missing_from(target)
    if since is not None:
        return [f"**New in {since}**: {_misses(target, everywhere=since.feature > target.last)}."]
    if removed is not None:
        return [f"**Removed in {removed}**: {_misses(target, everywhere=removed <= target.oldest)}."]
    return []


def _misses(target: Target, *, everywhere: bool) -> str:
    supported = f"this project supports {target}" if target.newest != target.oldest else f"this project runs {target}"
    return f"not there, {supported}" if everywhere else supported


def fact(fact: Fact, target: Target) -> str:
    """A fact, with the versions it is true for where that is not all of the target."""
    return f"{fact.text}{_validity(fact, target)}"


def _validity(life: Lifetime, target: Target) -> str:
    since, removed = life.missing_before(target), life.missing_from(target)
    if since is not None:
        return f" ({since}+)"
    return f" (before {removed})" if removed is not None else ""


def raised(each: Raise, target: Target) -> str:
    """An error and its condition."""
    return f"`{each.error}` when {each.when}{_validity(each, target)}."


def facts(entry: Entry, target: Target) -> list[str]:
    """The facts that are true somewhere in the target, most important first."""
    return [fact(each, target) for each in entry.facts.facts if each.overlaps(target)]


def changes(entry: Entry, target: Target) -> list[str]:
    """What changed inside the target's range, newest first."""
    found = [
        change
        for change in entry.facts.changed
        if target.oldest < change.version and change.version.feature <= target.last
    ]
    return [
        f"{change.version}: {change.text}" for change in sorted(found, key=lambda change: change.version, reverse=True)
    ]


def parameter(parameter: Parameter, facts: ParameterFacts, target: Target) -> str:
    """The text of a parameter, its version in front where the target has releases without it."""
    return f"{version_mark(facts, target)}{facts.text}{_documented(parameter, facts)}"


def named_parameter(parameter: Parameter, facts: ParameterFacts, target: Target) -> str:
    """The same, with the name in front of the text."""
    return f"{version_mark(facts, target)}`{parameter.starred}`: {facts.text}{_documented(parameter, facts)}"


def version_mark(life: Lifetime, target: Target) -> str:
    """`3.14+ ` or `removed in 3.10 `, where some version of the target lacks it."""
    since, removed = life.missing_before(target), life.missing_from(target)
    if since is not None:
        return f"**{since}+** "
    return f"**removed in {removed}** " if removed is not None else ""


def _documented(parameter: Parameter, facts: ParameterFacts) -> str:
    if facts.documented is None:
        return ""
    stars = {Passing.VARIADIC: "*", Passing.VARIADIC_KEYWORD: "**"}.get(parameter.passing, "")
    return f" The Python documentation calls it `{stars}{facts.documented}`."


def footer(entry: Entry, target: Target, *, more: bool = False) -> str:
    """The related names, and the link to the versioned documentation."""
    parts = []
    if entry.facts.see:
        parts.append("See " + ", ".join(f"`{short(name)}`" for name in entry.facts.see[:4]))
    if more:
        parts.append(f"{'more' if parts else 'More'}: `asyncio-lsp show {short(entry.name)}`")
    url = documentation(entry.facts.docs, entry.facts, target)
    if url is not None:
        parts.append(f"[Python {_documented_version(entry.facts, target)} docs]({url})")
    return " · ".join(parts)


def page_footer(page: Page, target: Target) -> str:
    """The related names of a page, and the link to its documentation."""
    parts = ["See " + ", ".join(f"`{short(name)}`" for name in page.facts.see)] if page.facts.see else []
    url = documentation(page.facts.docs, Lifetime(), target)
    if url is not None:
        parts.append(f"[Python {_documented_version(Lifetime(), target)} docs]({url})")
    return " · ".join(parts)


def documentation(page: str | None, life: Lifetime, target: Target) -> str | None:
    """The address of a page of the Python documentation for the newest version of the target that has the name."""
    return f"https://docs.python.org/{_documented_version(life, target)}/{page}" if page else None


def _documented_version(life: Lifetime, target: Target) -> str:
    newest = target.last
    if life.since is not None and life.since.feature > newest:
        newest = life.since.feature
    if life.removed is not None and life.removed.feature <= newest:
        newest = life.removed.feature._replace(minor=life.removed.minor - 1)
    return str(newest)


def short(name: str) -> str:
    """A name without the package: `asyncio.Queue.get` is `Queue.get`."""
    return name.partition(".")[2] or name
