"""What an expression gives: names through scopes and imports, calls through what they return.

Nothing is executed, and nothing but the files of the workspace is read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from asyncio_lsp.analysis import annotation as annotations_
from asyncio_lsp.analysis import bound, calling, filling, narrowing, parameters, reading, scopes, user_classes
from asyncio_lsp.analysis.knowledge import Knowledge
from asyncio_lsp.analysis.memory import Memory
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.scopes import FunctionSyntax
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement
from asyncio_lsp.analysis.values import (
    OTHER,
    UNKNOWN,
    AsyncioModule,
    ContainerMethod,
    External,
    ExternalInstance,
    Function,
    Hidden,
    Instance,
    Items,
    Mapping,
    Parents,
    Row,
    Solved,
    Symbol,
    UserClass,
    UserInstance,
    UserModule,
    Value,
    choice,
    is_standard,
    options,
)

ROOT = "asyncio"
_STEPS = 4000
_DEPTH = 40
_NESTING = 60


@dataclass
class Evaluator:
    """Evaluates expressions of one revision of the workspace; make a new one for every question.

    Work is bounded: behind the bound everything is unknown.
    """

    knowledge: Knowledge
    project: Project
    memory: Memory = field(default_factory=Memory)
    _steps: int = 0
    _nesting: int = 0

    def called(self, value: Value) -> Value:
        """What calling a value gives, whatever the arguments."""
        return calling.result_of(self, value)

    def element(self, value: Value) -> Value:
        """What a loop over a value binds."""
        return reading.element(self, value)

    def begin(self) -> None:
        """Start another question: its work is bounded anew."""
        self._steps = 0
        self.memory.begin()

    def once(self, key: object, work: Callable[[], Value]) -> Value:
        """Answer a question once; one that leads back to itself is unknown."""
        return self.memory.once(key, work)

    # Expressions

    def value(self, node: ast.expr | None, place: Place) -> Value:
        """What an expression gives."""
        self._steps += 1
        if node is None:
            return UNKNOWN
        if self._steps > _STEPS or self.memory.depth > _DEPTH or self._nesting > _NESTING:
            self.memory.cut()
            return UNKNOWN
        self._nesting += 1
        try:
            value = self._evaluated(node, place)
        finally:
            self._nesting -= 1
        if not isinstance(node, ast.Name | ast.Attribute):
            return value
        if _is_telling(value):
            return narrowing.cut(self, value, node, place)
        narrowed = narrowing.narrowed(self, node, place)
        if narrowed is not None:
            return narrowed
        return self._conventional(node, place) if value == UNKNOWN else value

    def _conventional(self, node: ast.Name | ast.Attribute, place: Place) -> Value:
        """What a variable of this name usually holds, in a file that uses asyncio."""
        found = self.knowledge.conventional(node.id if isinstance(node, ast.Name) else node.attr)
        return Instance(found, guessed=True) if found and self.speaks_of_asyncio(place.source) else UNKNOWN

    @staticmethod
    def speaks_of_asyncio(source: Source) -> bool:
        """Say whether a file imports asyncio anywhere."""
        return bool(source.binding(f"import {ROOT}"))

    def _evaluated(self, node: ast.expr, place: Place) -> Value:
        match node:
            case ast.Name():
                return self.name(node.id, place)
            case ast.Attribute():
                return reading.read(self, self.attribute(self.value(node.value, place), node.attr))
            case ast.Call():
                return calling.called(self, node, place)
            case ast.Await():
                return reading.awaited(self, self.value(node.value, place))
            case ast.Subscript():
                return reading.subscripted(self, node, place)
            case ast.BoolOp():
                return choice(self.value(part, place) for part in node.values)
            case ast.IfExp():
                return choice([self.value(node.body, place), self.value(node.orelse, place)])
            case ast.NamedExpr():
                return self.value(node.value, place)
            case ast.Starred():
                return self.value(node.value, place)
            case ast.Tuple():
                return Row(tuple(self.value(item, place) for item in node.elts))
            case ast.List() | ast.Set():
                return Items(choice(self._spread(item, place) for item in node.elts))
            case ast.Dict():
                return Mapping(choice(self.value(item, place) for item in node.values))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return Items(self.value(node.elt, self.inside(node, place)))
            case ast.DictComp():
                return Mapping(self.value(node.value, self.inside(node, place)))
            case ast.BinOp(op=ast.Add() | ast.BitOr() | ast.Sub() | ast.Mult()):
                return choice([self.value(node.left, place), self.value(node.right, place)])
            case ast.Lambda():
                return Function(self.value(node.body, place))
            case ast.Constant() | ast.JoinedStr() | ast.Compare() | ast.UnaryOp() | ast.BinOp():
                return OTHER
        return UNKNOWN

    def _spread(self, node: ast.expr, place: Place) -> Value:
        value = self.value(node, place)
        return reading.element(self, value) if isinstance(node, ast.Starred) else value

    def inside(self, node: ast.AST | None, place: Place) -> Place:
        """The place of what a comprehension, a lambda or a function on one line holds."""
        if isinstance(node, ast.Lambda):
            return place.binding({argument.arg: UNKNOWN for argument, _ in scopes.parameters(node)})
        if isinstance(node, FunctionSyntax):
            return place.binding(parameters.held(self, place))
        for generator in getattr(node, "generators", ()):
            item = reading.iterated(self, generator.iter, place, is_async=bool(generator.is_async))
            place = place.binding(dict(bound.unpacked(self, generator.target, item)))
        return place

    # Names

    def name(self, name: str, place: Place) -> Value:
        """What a bare name stands for."""
        for known, value in place.local:
            if known == name:
                return value
        if place.source.binding(f"[{name}") and (parameter := self._type_parameter(name, place)) is not None:
            return parameter
        for scope in scopes.visible_scopes(place.source, place.statement):
            found = self._in_scope(name, scope, place)
            if found is not None:
                return found
        starred = self._starred(name, place.source)
        return starred if starred is not None else External(f"builtins.{name}")

    def _type_parameter(self, name: str, place: Place) -> Value | None:
        for header in (place.statement, *place.source.parents(place.statement)):
            if name in header.type_parameters:
                limit = header.type_parameters[name]
                return Solved(self.annotation(limit, place.at(header)) if limit is not None else UNKNOWN)
        return None

    def _in_scope(self, name: str, scope: Statement | None, place: Place) -> Value | None:
        source = place.source
        found = scopes.bindings(source, name, scope)
        same = scopes.scope_of(source, place.statement) is scope
        parameter = parameters.parameter(self, name, scope, source) if scope and scope.is_function else None
        if not found:
            return parameter
        key = (source, name, scope, place.statement.line if same else -1)
        return self.once(key, lambda: self._bound(name, found, place, parameter, same=same))

    def _bound(self, name: str, found: list[Statement], place: Place, parameter: Value | None, *, same: bool) -> Value:
        value = self._declared_or_given(name, found, place, parameter, same=same)
        if not filling.is_empty(value):
            return value
        scope = scopes.scope_of(place.source, found[0])
        return filling.filled(self, value, name, place.source, filling.fillings(place.source, name, scope))

    def _declared_or_given(
        self, name: str, found: list[Statement], place: Place, parameter: Value | None, *, same: bool
    ) -> Value:
        declared = [value for each in found if (value := bound.declared(self, name, place.at(each))) is not None]
        if declared:
            return choice(declared)
        chosen = scopes.reaching(place.source, found, place.statement) if same else found
        values = [bound.given(self, name, place.at(statement)) for statement in chosen]
        if parameter is not None and (not same or not self._covered(chosen, place)):
            values.append(parameter)
        return choice(values)

    def _covered(self, chosen: list[Statement], place: Place) -> bool:
        around = set(place.source.parents(place.statement))
        return any(
            around.issuperset(place.source.parents(statement)) and statement.line < place.statement.line
            for statement in chosen
        )

    # Imports

    def module(self, dotted: str, source: Source) -> Value:
        """What `import dotted` gives."""
        if dotted.partition(".")[0] == ROOT:
            return AsyncioModule(dotted)
        found = self.project.module(source, dotted)
        return UserModule(found) if found is not None else External(dotted)

    def imported(self, module: str, name: str, source: Source) -> Value:
        """What `from module import name` gives."""
        owner = self.module(module, source)
        value = self.attribute(owner, name)
        if isinstance(owner, UserModule) and value is UNKNOWN:
            joined = f"{module}{name}" if module.endswith(".") else f"{module}.{name}"
            inner = self.project.module(source, joined)
            return UserModule(inner) if inner is not None else UNKNOWN
        return value

    def _starred(self, name: str, source: Source) -> Value | None:
        for statement in scopes.bindings(source, "*", None):
            value = bound.starred(self, name, Place(source, statement))
            if value is not None:
                return value
        return None

    # Attributes

    def attribute(self, owner: Value, name: str) -> Value:
        """What an attribute is, before a property is read."""
        return choice(self._attribute(option, name) for option in options(owner))

    def _attribute(self, owner: Value, name: str) -> Value:
        match owner:
            case AsyncioModule():
                return self._asyncio_name(f"{owner.path}.{name}")
            case Instance():
                if name in reading.ENTERING:
                    return Function(reading.entered(self, owner))
                found = self.knowledge.member(owner.cls, name)
                return Symbol(found, owner) if found else UNKNOWN
            case Symbol():
                form = self.knowledge.form(owner.name)
                found = self.knowledge.member(owner.name, name) if form and form.is_class else None
                return Symbol(found) if found else UNKNOWN
            case UserModule():
                return self.module_attribute(owner.source, name)
            case UserInstance():
                return user_classes.attribute(self, owner.cls, name, owner)
            case UserClass():
                return user_classes.attribute(self, owner, name, owner)
            case Parents():
                return user_classes.inherited(self, owner.instance, name)
            case External():
                return External(f"{owner.path}.{name}")
            case ExternalInstance(path) if is_standard(path):
                return External(f"{path}.{name}")
            case Items() | Row() | Mapping():
                return ContainerMethod(owner, name)
        return UNKNOWN

    def _asyncio_name(self, path: str) -> Value:
        found = self.knowledge.public(path)
        if found is None:
            hidden = self.knowledge.stand_in(path)
            if hidden is not None:
                return Hidden(hidden)
            return AsyncioModule(path) if path.count(".") == 1 and path.islower() else UNKNOWN
        form = self.knowledge.form(found)
        return AsyncioModule(found) if form and form.is_module else Symbol(found)

    def module_attribute(self, source: Source, name: str) -> Value:
        """A name of a module of the workspace, as other modules see it."""
        found = scopes.bindings(source, name, None)
        if not found:
            starred = self._starred(name, source)
            return starred if starred is not None else UNKNOWN
        place = Place(source, found[-1])
        return self.once((source, name, None, -1), lambda: self._bound(name, found, place, None, same=False))

    # Calls

    def form_annotation(self, text: str | None, known: dict[str, Value], receiver: Instance | None) -> Value:
        """Evaluate an annotation of the reference."""
        if text is None:
            return OTHER
        if receiver is not None:
            known = {"Self": receiver, **known}
        return annotations_.evaluate(self, annotations_.parsed(text), lambda name: self._form_name(name, known))

    def _form_name(self, name: str, known: dict[str, Value]) -> Value:
        if name in known:
            return Solved(known[name])
        found = self.knowledge.annotated(name)
        return Symbol(found) if found else External(f"typing.{name}")

    def is_awaitable(self, name: str) -> bool:
        """Say whether an annotation of the reference names a class whose objects are awaited for a value."""
        found = self.knowledge.annotated(name)
        form = self.knowledge.form(found) if found else None
        return form is not None and form.awaits is not None

    def annotation(self, node: ast.expr, place: Place) -> Value:
        """Evaluate an annotation of the code."""
        return annotations_.evaluate(self, node, lambda name: self.name(name, place), place)


def _is_telling(value: Value) -> bool:
    """Say whether attributes of the value can be found."""
    return not isinstance(value, type(UNKNOWN) | type(OTHER) | External | ExternalInstance)
