"""What the user sets: in which shape it may come, who sends it, what it does, and what is said of mistakes.

The switches of the features are tested in `test_server.py`, with registration.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from asyncio_lsp.server.settings import Settings, read
from tests.test_server import BYE, GATHER, HOVER, Json, Session, hello, hovered, in_a_loop, item, talk

# All settings, and values that each may have.
SETTINGS: dict[str, list[object]] = {
    "python": ["3.12", "3.9-3.14", ">=3.10,<3.14"],
    "hover.enabled": [True, False],
    "hover.detail": ["short", "normal", "full"],
    "signatureHelp.enabled": [True, False],
    "completion.enabled": [True, False],
    "completion.snippets": ["recipes", "calls", "off"],
    "diagnostics.enabled": [True, False],
    "diagnostics.select": [["not-awaited"], ["ALL"], []],
    "diagnostics.ignore": [["not-awaited", "result-discarded"]],
    "inlayHints.enabled": [True, False],
    "log.level": ["error", "warning", "info", "debug"],
}
SHORT = {"hover": {"detail": "short"}}


def nested(name: str, value: object) -> Json:
    """Write a setting as most editors send it: objects inside each other."""
    group, _, rest = name.partition(".")
    return {group: {rest: value}} if rest else {group: value}


# Reading.


@pytest.mark.parametrize(
    "sent",
    [
        SHORT,
        {"hover.detail": "short"},
        {"asyncio-lsp": SHORT},
        {"asyncio-lsp": {"hover.detail": "short"}},
        {"asyncio-lsp": SHORT, "python": {"analysis": {"typeCheckingMode": "off"}}},
    ],
    ids=str,
)
def test_settings_come_in_several_shapes(sent: Json) -> None:
    assert read(sent) == (Settings(hover_detail="short"), [])


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {},
        {"asyncio-lsp": {}},
        {"asyncio-lsp": None},
        {"hover": {}},
        {"hover.detail": None},
        [],
        {"asyncio-lsp": []},
    ],
    ids=str,
)
def test_nothing_set_is_nothing_wrong(sent: object) -> None:
    """Not an empty list either: that is how Neovim writes an empty table."""
    assert read(sent) == (Settings(), [])


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_takes_its_values(name: str) -> None:
    for value in SETTINGS[name]:
        settings, problems = read(nested(name, value))
        assert problems == []
        assert (tuple(value) if isinstance(value, list) else value) in dataclasses.astuple(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hover.colour", True),
        ("hovers.enabled", True),
        ("hover.Enabled", True),
        ("enabled", True),
        ("hover", True),
        ("hover.enabled", "true"),
        ("hover.enabled", 1),
        ("hover.enabled", {"value": True}),
        ("hover.detail", "Short"),
        ("hover.detail", ["short"]),
        ("hover.detail", True),
        ("completion.snippets", False),
        ("completion.snippets", "recipe"),
        ("signatureHelp.enabled", []),
        ("python", 3.12),
        ("python", ["3.12"]),
        ("python", {"version": "3.12"}),
        ("diagnostics.enabled", "ALL"),
        ("diagnostics.select", "not-awaited"),
        ("diagnostics.select", True),
        ("diagnostics.ignore", ["not-awaited", 1]),
        ("diagnostics.ignore", {"not-awaited": True}),
        ("inlayHints.enabled", "on"),
        ("log.level", "loud"),
        ("log.level", 10),
    ],
)
def test_a_mistake_is_named_and_ignored_and_its_neighbours_count(name: str, value: object) -> None:
    settings, problems = read({"completion.enabled": False, **nested(name, value)})
    assert settings == Settings(completion_enabled=False)
    [problem] = problems
    assert f"asyncio-lsp.{name} " in problem
    assert "\n" not in problem


@pytest.mark.parametrize("sent", ["text", 3, True, ["hover.detail"]], ids=str)
def test_settings_that_are_no_object_are_named_and_ignored(sent: object) -> None:
    settings, [problem] = read(sent)
    assert settings == Settings()
    assert "settings" in problem


# The ways of settings to the server.

PULLS = {"workspace": {"configuration": True}}


async def length(session: Session) -> int:
    """How long a hover is: settings show."""
    return len((await session.at(HOVER, GATHER))["contents"]["value"])


async def changed(session: Session, settings: object = None) -> None:
    """Tell the server of a change and wait until it has followed."""
    session.tell("workspace/didChangeConfiguration", {"settings": settings})
    await session.settled()


@in_a_loop
async def test_initialization_options() -> None:
    async with Session({}) as normal, Session({}, initializationOptions=SHORT) as short:
        assert await length(short) < await length(normal)


@in_a_loop
async def test_settings_are_pulled_at_the_start_and_at_each_change() -> None:
    async with Session({}) as session:
        normal = await length(session)
    async with Session(PULLS, configuration=SHORT) as session:
        short = await length(session)
        assert short < normal
        for configuration, expected in (({}, normal), (SHORT, short), ({"hover": {"detail": "normal"}}, normal)):
            session.configuration = configuration
            await changed(session)
            assert await length(session) == expected
        items = [message["params"]["items"] for message in session.asked]
        assert items == [[{"section": "asyncio-lsp"}]] * 4


@in_a_loop
async def test_settings_are_pushed_by_clients_that_cannot_be_asked() -> None:
    async with Session({}) as session:
        normal = await length(session)
        await changed(session, {"asyncio-lsp": SHORT, "pylsp": {"plugins": {}}})
        assert await length(session) < normal
        await changed(session, {"asyncio-lsp": {}})
        assert await length(session) == normal
        assert session.asked == []
        assert session.complaints == []


@pytest.mark.parametrize("answer", [None, RuntimeError("no such section")], ids=["null", "an error"])
@in_a_loop
async def test_who_has_nothing_to_pull_keeps_what_was_said_at_the_start(answer: object) -> None:
    async with Session(PULLS, configuration=answer, initializationOptions=SHORT) as session:
        short = await length(session)
        await changed(session)
        assert await length(session) == short
    async with Session({}) as session:
        assert short < await length(session)


@pytest.mark.parametrize("supported", [False, True])
@in_a_loop
async def test_changes_are_subscribed_to_where_they_can_be(*, supported: bool) -> None:
    capabilities: Json = {"workspace": {"didChangeConfiguration": {"dynamicRegistration": supported}}}
    async with Session(capabilities) as session:
        registered = [each for message in session.asked for each in message["params"].get("registrations", [])]
        expected = [("workspace/didChangeConfiguration", {"section": "asyncio-lsp"})] if supported else []
        assert [(each["method"], each["registerOptions"]) for each in registered] == expected


# What they do.


@pytest.mark.parametrize(
    ("python", "expected"),
    [
        ("3.12", r"docs\.python\.org/3\.12/"),
        ("3.9-3.11", r"docs\.python\.org/3\.11/"),
        (">=3.9,<3.14", r"docs\.python\.org/3\.13/"),
        ("3.9", r"3\.11\b.*\b3\.9\b"),
        (">=3.10", r"3\.11\b.*\b3\.10\+"),
    ],
)
@in_a_loop
async def test_python_decides_what_is_said_of_versions(python: str, expected: str, tmp_path: Path) -> None:
    """`timeout` came with 3.11."""
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.14"\n', encoding="utf-8")
    async with Session({}, initializationOptions={"python": python}) as session:
        uri = (tmp_path / "main.py").as_uri()
        hover = await session.at(HOVER, "import asyncio\nasyncio.time$0out(1)\n", uri)
        assert re.search(expected, hover["contents"]["value"])


@in_a_loop
async def test_the_project_decides_where_nothing_is_set(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = "==3.12.*"\n', encoding="utf-8")
    (tmp_path / "package").mkdir()
    folders = [{"uri": tmp_path.as_uri(), "name": "project"}]
    for root in ({"workspaceFolders": folders}, {"rootUri": tmp_path.as_uri()}):
        async with Session({}, **root) as session:
            for uri in ((tmp_path / "package" / "main.py").as_uri(), "untitled:Untitled-1"):
                hover = await session.at(HOVER, GATHER, uri)
                assert "docs.python.org/3.12/" in hover["contents"]["value"]


@in_a_loop
async def test_detail_decides_how_much_is_said() -> None:
    said = []
    for detail in ("short", "normal", "full"):
        async with Session({}, initializationOptions={"hover": {"detail": detail}}) as session:
            said.append((await session.at(HOVER, GATHER))["contents"]["value"])
    short, normal, full = said
    assert "prices = await" not in short
    assert "prices = await" in normal
    assert len(short) < len(normal) <= 1200 < len(full)
    assert normal.count("\n") < 20


@pytest.mark.parametrize("choice", ["recipes", "calls", "off"])
@in_a_loop
async def test_snippets_can_be_switched_off(choice: str) -> None:
    options = {"completion": {"snippets": choice}}
    async with Session(item(snippetSupport=True), initializationOptions=options) as session:
        offer = (await session.offers("import asyncio\nasyncio.sle$0"))["sleep(…)"]
        expected = ("sleep()", 1) if choice == "off" else ("sleep(${1:delay})$0", 2)
        assert (offer["textEdit"]["newText"], offer["insertTextFormat"]) == expected


# What is said of mistakes.


@in_a_loop
async def test_a_mistake_is_reported_once_however_often_it_is_sent() -> None:
    mistake = {"hover": {"colour": "red", "detail": "short"}}
    async with Session(PULLS, configuration=mistake, initializationOptions=mistake) as session:
        await changed(session)
        await changed(session)
        assert len(session.complaints) == 1
        assert "asyncio-lsp.hover.colour" in session.complaints[0]
        session.configuration = {"hover": {"colour": "red", "enabled": "yes"}}
        await changed(session)
        assert len(session.complaints) == 2
        assert "asyncio-lsp.hover.enabled" in session.complaints[1]
        assert {message["params"]["type"] for message in session.told} == {2}
        assert {message["method"] for message in session.told} == {"window/logMessage"}


@in_a_loop
async def test_a_python_that_is_none_is_reported_once_and_the_project_decides(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = "==3.12.*"\n', encoding="utf-8")
    async with Session({}, initializationOptions={"python": "snake"}) as session:
        for name in ("a.py", "b.py", "b.py"):
            hover = await session.at(HOVER, GATHER, (tmp_path / name).as_uri())
            assert "docs.python.org/3.12/" in hover["contents"]["value"]
        [complaint] = session.complaints
        assert "asyncio-lsp.python" in complaint
        assert "'snake'" in complaint
        assert "\n" not in complaint


def test_a_mistake_is_one_line_on_stderr_and_the_server_works() -> None:
    """Even a mistake with a line end in its name."""
    options = {"hover": {"enabled": "yes"}, "python": "snake", "two\nlines": 1}
    done = talk(*hello(initializationOptions=options), hovered(1), hovered(2), *BYE)
    assert done.replies[2]["result"]
    lines = done.stderr.splitlines()
    assert len(lines) == len(options)
    assert [name for name in ("hover.enabled", "python", "two") if f"asyncio-lsp.{name}" not in done.stderr] == []


def test_the_level_of_the_log_decides_what_reaches_stderr() -> None:
    quiet = talk(*hello(initializationOptions={"log": {"level": "error", "volume": 1}}), hovered(1), *BYE)
    assert quiet.replies[1]["result"]
    assert quiet.stderr == ""
