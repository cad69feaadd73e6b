"""What an expression gives: names through scopes and imports, calls through what they return.

Nothing is executed, and nothing but the files of the workspace is read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from asyncio_lsp.analysis import annotation as annotations_
from asyncio_lsp.analysis import calling, narrowing, reading, scopes, user_classes
from asyncio_lsp.analysis.knowledge import Knowledge
from asyncio_lsp.analysis.place import Place
from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.scopes import FunctionSyntax
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement, target_names, walk
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
    UserFunction,
    UserInstance,
    UserModule,
    Value,
    choice,
    options,
)

ROOT = "asyncio"
_STEPS = 4000
_DEPTH = 40


@dataclass
class Evaluator:
    """Evaluates expressions of one revision of the workspace; make a new one for every question.

    Work is bounded: behind the bound everything is unknown.
    """

    knowledge: Knowledge
    project: Project
    _active: set[object] = field(default_factory=set)
    _known: dict[object, Value] = field(default_factory=dict)
    _steps: int = 0

    def called(self, value: Value) -> Value:
        """What calling a value gives, whatever the arguments."""
        return calling.result_of(self, value)

    def element(self, value: Value) -> Value:
        """What a loop over a value binds."""
        return reading.element(self, value)

    def begin(self) -> None:
        """Start another question: its work is bounded anew."""
        self._steps = 0
        self._active.clear()

    # Expressions

    def value(self, node: ast.expr | None, place: Place) -> Value:
        """What an expression gives."""
        self._steps += 1
        if node is None or self._steps > _STEPS or len(self._active) > _DEPTH:
            return UNKNOWN
        value = self._evaluated(node, place)
        if isinstance(node, ast.Name | ast.Attribute) and not _is_telling(value):
            narrowed = narrowing.narrowed(self, node, place)
            if narrowed is not None:
                return narrowed
            return self._conventional(node, place) if value == UNKNOWN else value
        return value

    def _conventional(self, node: ast.Name | ast.Attribute, place: Place) -> Value:
        """What a variable of this name usually holds, in a file that uses asyncio."""
        found = self.knowledge.conventional(node.id if isinstance(node, ast.Name) else node.attr)
        if found is None or not place.source.binding(f"import {ROOT}"):
            return UNKNOWN
        return Instance(found, guessed=True)

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

    def inside(self, node: ast.expr, place: Place) -> Place:
        """The place of the inner expressions of a comprehension or a lambda."""
        if isinstance(node, ast.Lambda):
            return place.binding({argument.arg: UNKNOWN for argument, _ in scopes.parameters(node)})
        for generator in getattr(node, "generators", ()):
            item = reading.element(self, self.value(generator.iter, place))
            place = place.binding(dict(self._unpacked(generator.target, item)))
        return place

    def _unpacked(self, target: ast.expr, value: Value) -> Iterator[tuple[str, Value]]:
        """The names of a target and what each is bound to."""
        match target:
            case ast.Name():
                yield target.id, value
            case ast.Starred():
                yield from self._unpacked(target.value, Items(reading.element(self, value)))
            case ast.Tuple() | ast.List():
                for index, part in enumerate(target.elts):
                    yield from self._unpacked(part, reading.item(self, value, index))
            case ast.Attribute():
                yield f".{target.attr}", value

    # Names

    def name(self, name: str, place: Place) -> Value:
        """What a bare name stands for."""
        for known, value in place.local:
            if known == name:
                return value
        for scope in scopes.visible_scopes(place.source, place.statement):
            found = self._in_scope(name, scope, place)
            if found is not None:
                return found
        starred = self._starred(name, place.source)
        return starred if starred is not None else External(f"builtins.{name}")

    def _in_scope(self, name: str, scope: Statement | None, place: Place) -> Value | None:
        source = place.source
        found = scopes.bindings(source, name, scope)
        same = scopes.scope_of(source, place.statement) is scope
        parameter = self._parameter(name, scope, source) if scope is not None and scope.is_function else None
        if not found:
            return parameter
        key = (source, name, scope, place.statement.line if same else -1)
        return self.once(key, lambda: self._bound(name, found, place, parameter, same=same))

    def _bound(self, name: str, found: list[Statement], place: Place, parameter: Value | None, *, same: bool) -> Value:
        declared = [value for statement in found if (value := self.declared(name, place.at(statement))) is not None]
        if declared:
            return choice(declared)
        chosen = scopes.reaching(place.source, found, place.statement) if same else found
        values = [self.binding(name, place.at(statement)) for statement in chosen]
        if parameter is not None and (not same or not self._covered(chosen, place)):
            values.append(parameter)
        return self._filled(choice(values), name, found, place)

    def _covered(self, chosen: list[Statement], place: Place) -> bool:
        around = set(place.source.parents(place.statement))
        return any(
            around.issuperset(place.source.parents(statement)) and statement.line < place.statement.line
            for statement in chosen
        )

    def _filled(self, value: Value, name: str, found: list[Statement], place: Place) -> Value:
        """An empty list or set holds what is later appended or added to it."""
        if value != Items(UNKNOWN):
            return value
        scope = scopes.scope_of(place.source, found[0])
        added = []
        for statement in scopes.bindings(place.source, f"{name}+", scope):
            for node in walk(statement.tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
                    if isinstance(node.func.value, ast.Name) and node.func.value.id == name:
                        added.append(self.value(node.args[0], place.at(statement)))
        return Items(choice(added))

    def once(self, key: object, work: Callable[[], Value]) -> Value:
        """Answer a question once; one that leads back to itself is unknown."""
        if key in self._known:
            return self._known[key]
        if key in self._active:
            return UNKNOWN
        self._active.add(key)
        try:
            value = work()
        finally:
            self._active.discard(key)
        self._known[key] = value
        return value

    def declared(self, name: str, place: Place) -> Value | None:
        """The annotation of a name in a statement, when it has one."""
        for node in walk(place.statement.tree):
            if isinstance(node, ast.AnnAssign) and name in target_names(node.target):
                if annotations_.is_bare_qualifier(node.annotation):
                    return None
                return self.annotation(node.annotation, place)
        return None

    def binding(self, name: str, place: Place) -> Value:
        """What a statement binds a name to."""
        found = []
        for node in walk(place.statement.tree):
            value = self._bound_by(node, name, place)
            if value is not None:
                found.append(value)
        return choice(found) if found else UNKNOWN

    def _bound_by(self, node: ast.AST, name: str, place: Place) -> Value | None:
        match node:
            case ast.Import() | ast.ImportFrom():
                return self._imported(node, name, place)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if node.name == name:
                return UserFunction(place.source, place.statement)
            case ast.ClassDef() if node.name == name:
                return UserClass(place.source, place.statement)
            case ast.Assign():
                for target in node.targets:
                    if name in target_names(target):
                        return dict(self._unpacked(target, self.value(node.value, place))).get(name)
            case ast.AnnAssign() if name in target_names(node.target):
                return self.value(node.value, place)
            case ast.For() | ast.AsyncFor() if name in target_names(node.target):
                item = reading.element(self, self.value(node.iter, place))
                return dict(self._unpacked(node.target, item)).get(name)
            case ast.With() | ast.AsyncWith():
                for with_item in node.items:
                    bound = with_item.optional_vars
                    if bound is not None and name in target_names(bound):
                        entered = reading.entered(self, self.value(with_item.context_expr, place))
                        return dict(self._unpacked(bound, entered)).get(name)
            case ast.ExceptHandler() if node.name == name and node.type is not None:
                caught = self.value(node.type, place)
                return (
                    choice(reading.instance(self, part) for part in caught.items)
                    if isinstance(caught, Row)
                    else reading.instance(self, caught)
                )
            case ast.NamedExpr() if node.target.id == name:
                return self.value(node.value, place)
        return None

    def _parameter(self, name: str, function: Statement, source: Source) -> Value | None:
        node = scopes.definition(function)
        if not isinstance(node, FunctionSyntax):
            return None
        for index, (argument, stars) in enumerate(scopes.parameters(node)):
            if argument.arg == name:
                return self.once(
                    (source, "parameter", name, function),
                    lambda: self._parameter_value(node, argument, index, stars, Place(source, function)),
                )
        return None

    def _parameter_value(self, node: FunctionSyntax, argument: ast.arg, index: int, stars: int, place: Place) -> Value:
        if argument.annotation is not None:
            value = self.annotation(argument.annotation, place)
            return (value, Items(value), Mapping(value))[stars]
        owner = scopes.class_of(place.source, place.statement)
        if owner is not None and index == 0 and not stars and not user_classes.decorated(self, place, "staticmethod"):
            cls = UserClass(place.source, owner)
            return cls if user_classes.decorated(self, place, "classmethod") else UserInstance(cls)
        default = _default(node.args, argument)
        return choice([self.value(default, place)]) if default is not None else UNKNOWN

    # Imports

    def _imported(self, node: ast.Import | ast.ImportFrom, name: str, place: Place) -> Value | None:
        for alias in node.names:
            if (alias.asname or alias.name.partition(".")[0]) != name and not (
                isinstance(node, ast.ImportFrom) and (alias.asname or alias.name) == name
            ):
                continue
            if isinstance(node, ast.Import):
                return self.module(alias.name if alias.asname else alias.name.partition(".")[0], place.source)
            return self.imported(self.module_name(node), alias.name, place.source)
        return None

    @staticmethod
    def module_name(node: ast.ImportFrom) -> str:
        """The module of a `from` import, with the dots of a relative one."""
        return "." * node.level + (node.module or "")

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
            for node in statement.tree:
                if isinstance(node, ast.ImportFrom):
                    value = self.imported(self.module_name(node), name, source)
                    if not isinstance(value, type(UNKNOWN) | type(OTHER) | External) and not name.startswith("_"):
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
                    return Function(reading._entered(self, owner))
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

    def alias(self, name: str, place: Place) -> tuple[ast.expr, Place] | None:
        """The type expression that a name is another name for: `Tasks = dict[str, Task]`."""
        for scope in scopes.visible_scopes(place.source, place.statement):
            for statement in scopes.bindings(place.source, name, scope):
                for node in statement.tree:
                    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(
                        node.value, ast.Subscript | ast.BinOp
                    ):
                        return node.value, place.at(statement)
        return None

    # Reading, entering, iterating, awaiting


def _is_telling(value: Value) -> bool:
    """Say whether attributes of the value can be found."""
    return not isinstance(value, type(UNKNOWN) | type(OTHER) | External | ExternalInstance)


def _default(arguments: ast.arguments, wanted: ast.arg) -> ast.expr | None:
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        if argument is wanted:
            return default
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if argument is wanted:
            return keyword_default
    return None
