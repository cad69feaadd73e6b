"""What an expression gives: names through scopes and imports, calls through what they return.

Nothing is executed, and nothing but the files of the workspace is read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from asyncio_lsp.analysis import annotation as annotations_
from asyncio_lsp.analysis import narrowing, scopes
from asyncio_lsp.analysis.knowledge import Form, Knowledge
from asyncio_lsp.analysis.project import Project
from asyncio_lsp.analysis.source import Source
from asyncio_lsp.analysis.statement import Statement, target_names
from asyncio_lsp.analysis.values import (
    OTHER,
    UNKNOWN,
    AsyncioModule,
    ContainerMethod,
    Coroutine,
    External,
    ExternalInstance,
    Function,
    Hidden,
    Instance,
    Items,
    Manager,
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
_ENTERING = ("__enter__", "__aenter__")
_STEPS = 4000
_DEPTH = 40

_NO_ARGUMENTS = ast.Call(ast.Name("_"), [], [])
_NOWHERE = Source("")

Function_ = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Place:
    """Where an expression stands, and what comprehensions around it bind."""

    source: Source
    statement: Statement
    local: tuple[tuple[str, Value], ...] = ()

    def at(self, statement: Statement) -> Place:
        """The same file at another statement."""
        return Place(self.source, statement)

    def binding(self, names: dict[str, Value]) -> Place:
        """The same place with more local names."""
        return replace(self, local=(*names.items(), *self.local))


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
                return self.instance_of(self.attribute(self.value(node.value, place), node.attr))
            case ast.Call():
                return self._call(node, place)
            case ast.Await():
                return self.awaited(self.value(node.value, place))
            case ast.Subscript():
                return self._subscript(node, place)
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
        return self.element(value) if isinstance(node, ast.Starred) else value

    def inside(self, node: ast.expr, place: Place) -> Place:
        """The place of the inner expressions of a comprehension or a lambda."""
        if isinstance(node, ast.Lambda):
            return place.binding({argument.arg: UNKNOWN for argument, _ in scopes.parameters(node)})
        for generator in getattr(node, "generators", ()):
            item = self.element(self.value(generator.iter, place))
            place = place.binding(dict(self._unpacked(generator.target, item)))
        return place

    def _unpacked(self, target: ast.expr, value: Value) -> Iterator[tuple[str, Value]]:
        """The names of a target and what each is bound to."""
        match target:
            case ast.Name():
                yield target.id, value
            case ast.Starred():
                yield from self._unpacked(target.value, Items(self.element(value)))
            case ast.Tuple() | ast.List():
                for index, part in enumerate(target.elts):
                    yield from self._unpacked(part, self.item(value, index))
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
        return self._guarded(key, lambda: self._bound(name, found, place, parameter, same=same))

    def _bound(
        self, name: str, found: list[Statement], place: Place, parameter: Value | None, *, same: bool
    ) -> Value:
        declared = [value for statement in found if (value := self._declared(name, place.at(statement))) is not None]
        if declared:
            return choice(declared)
        chosen = scopes.reaching(place.source, found, place.statement) if same else found
        values = [self._binding(name, place.at(statement)) for statement in chosen]
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
            for node in _walk(statement.tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
                    if isinstance(node.func.value, ast.Name) and node.func.value.id == name:
                        added.append(self.value(node.args[0], place.at(statement)))
        return Items(choice(added))

    def _guarded(self, key: object, work: Callable[[], Value]) -> Value:
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

    def _declared(self, name: str, place: Place) -> Value | None:
        """The annotation of a name in a statement, when it has one."""
        for node in _walk(place.statement.tree):
            if isinstance(node, ast.AnnAssign) and name in target_names(node.target):
                if annotations_.is_bare_qualifier(node.annotation):
                    return None
                return self.annotation(node.annotation, place)
        return None

    def _binding(self, name: str, place: Place) -> Value:
        """What a statement binds a name to."""
        found = []
        for node in _walk(place.statement.tree):
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
                item = self.element(self.value(node.iter, place))
                return dict(self._unpacked(node.target, item)).get(name)
            case ast.With() | ast.AsyncWith():
                for with_item in node.items:
                    bound = with_item.optional_vars
                    if bound is not None and name in target_names(bound):
                        entered = self.entered(self.value(with_item.context_expr, place))
                        return dict(self._unpacked(bound, entered)).get(name)
            case ast.ExceptHandler() if node.name == name and node.type is not None:
                caught = self.value(node.type, place)
                return choice(map(self.instance, caught.items)) if isinstance(caught, Row) else self.instance(caught)
            case ast.NamedExpr() if node.target.id == name:
                return self.value(node.value, place)
        return None

    def _parameter(self, name: str, function: Statement, source: Source) -> Value | None:
        node = scopes.definition(function)
        if not isinstance(node, Function_):
            return None
        for index, (argument, stars) in enumerate(scopes.parameters(node)):
            if argument.arg == name:
                return self._guarded(
                    (source, "parameter", name, function),
                    lambda: self._parameter_value(node, argument, index, stars, Place(source, function)),
                )
        return None

    def _parameter_value(self, node: Function_, argument: ast.arg, index: int, stars: int, place: Place) -> Value:
        if argument.annotation is not None:
            value = self.annotation(argument.annotation, place)
            return (value, Items(value), Mapping(value))[stars]
        owner = scopes.class_of(place.source, place.statement)
        if owner is not None and index == 0 and not stars and not self._decorated(place, "staticmethod"):
            cls = UserClass(place.source, owner)
            return cls if self._decorated(place, "classmethod") else UserInstance(cls)
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
                if name in _ENTERING:
                    return Function(self._entered(owner))
                found = self.knowledge.member(owner.cls, name)
                return Symbol(found, owner) if found else UNKNOWN
            case Symbol():
                form = self.knowledge.form(owner.name)
                found = self.knowledge.member(owner.name, name) if form and form.is_class else None
                return Symbol(found) if found else UNKNOWN
            case UserModule():
                return self.module_attribute(owner.source, name)
            case UserInstance():
                return self.user_attribute(owner.cls, name, owner)
            case UserClass():
                return self.user_attribute(owner, name, owner)
            case Parents():
                return self._inherited(owner.instance, name)
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
        return self._guarded(
            (source, name, None, -1), lambda: self._bound(name, found, place, None, same=False)
        )

    def user_attribute(self, cls: UserClass, name: str, owner: UserInstance | UserClass) -> Value:
        """An attribute of a class of the workspace or of its bases."""
        inside, assigned = self._attribute_statements(cls, name)
        if inside or assigned:
            key = (cls.source, cls.statement, "attribute", name)
            own = self._guarded(key, lambda: self._own_attribute(cls, name, inside, assigned))
            if inside or own != UNKNOWN:
                return self._taken_from(owner, own)
        inherited = (cls.source, cls.statement, "bases", name, type(owner))
        return self._guarded(inherited, lambda: choice(self._base_attribute(base, name, owner) for base in self.bases(cls)))

    def _base_attribute(self, base: Value, name: str, owner: UserInstance | UserClass) -> Value:
        if isinstance(base, UserClass):
            return self.user_attribute(base, name, owner)
        if isinstance(base, Symbol):
            found = self.knowledge.member(base.name, name)
            return Symbol(found, Instance(base.name)) if found else UNKNOWN
        return UNKNOWN

    def _inherited(self, instance: UserInstance, name: str) -> Value:
        return choice(self._base_attribute(base, name, instance) for base in self.bases(instance.cls))

    def bases(self, cls: UserClass) -> list[Value]:
        """The base classes, as values."""
        node = scopes.definition(cls.statement)
        if not isinstance(node, ast.ClassDef):
            return []
        place = Place(cls.source, cls.statement)
        out = []
        for base in node.bases:
            value = self.value(base.value if isinstance(base, ast.Subscript) else base, place)
            out += [Symbol(option.cls) if isinstance(option, Hidden) else option for option in options(value)]
        return out

    def _attribute_statements(self, cls: UserClass, name: str) -> tuple[list[Statement], list[Statement]]:
        """The statements of a class that bind an attribute: in its body, and on `self` in its methods."""
        source = cls.source
        assigned = [
            statement
            for statement in source.binding(f".{name}")
            if cls.statement.line < statement.line < source.end_of_block(cls.statement)
            and (method := self._method_around(statement, cls)) is not None
            and _assigns_attribute(statement, method, name)
        ]
        return scopes.bindings(source, name, cls.statement), assigned

    def _own_attribute(self, cls: UserClass, name: str, inside: list[Statement], assigned: list[Statement]) -> Value:
        keyed = [(name, statement) for statement in inside] + [(f".{name}", statement) for statement in assigned]
        for key, statement in keyed:
            declared = self._declared(key, Place(cls.source, statement))
            if declared is not None:
                return declared
        return choice(self._binding(key, Place(cls.source, statement)) for key, statement in keyed)

    def _method_around(self, statement: Statement, cls: UserClass) -> Function_ | None:
        function = scopes.function_of(cls.source, statement)
        while function is not None:
            if scopes.class_of(cls.source, function) is cls.statement:
                node = scopes.definition(function)
                return node if isinstance(node, Function_) else None
            function = scopes.function_of(cls.source, function)
        return None

    def _taken_from(self, owner: UserInstance | UserClass, value: Value) -> Value:
        """Bind functions to the object; a property is what its function returns."""
        taken = []
        for option in options(value):
            if isinstance(option, UserFunction) and option.owner is None:
                place = Place(option.source, option.statement)
                if self._decorated(place, "property", "cached_property"):
                    taken.append(self._returned(option))
                    continue
                option = replace(option, owner=owner)
            taken.append(option)
        return choice(taken)

    def _decorated(self, place: Place, *names: str) -> bool:
        for decorator in scopes.decorators(place.source, place.statement):
            for node in decorator.tree:
                if isinstance(node, ast.Expr) and _last_name(node.value) in names:
                    return True
        return False

    # Calls

    def _call(self, node: ast.Call, place: Place) -> Value:
        called = self.value(node.func, place)
        if called == External("builtins.super"):
            return self._super(place)
        return choice(self._called(option, node, place) for option in options(called))

    def _called(self, called: Value, node: ast.Call, place: Place) -> Value:
        match called:
            case Symbol():
                return self._symbol_called(called, node, place)
            case UserClass():
                return UserInstance(called)
            case Hidden():
                return Instance(called.cls)
            case UserFunction():
                return self._user_called(called)
            case Function():
                return called.result
            case ContainerMethod():
                return _container_called(called)
            case External():
                return self._external_called(called.path, node, place)
        return UNKNOWN

    def result_of(self, value: Value) -> Value:
        """What calling the value gives, whatever the arguments."""
        return choice(self._called(option, _NO_ARGUMENTS, Place(_NOWHERE, _NOWHERE.statements[0])) for option in options(value))

    def _symbol_called(self, called: Symbol, node: ast.Call, place: Place) -> Value:
        form = self.knowledge.form(called.name)
        if form is None:
            return UNKNOWN
        if form.is_class:
            return Instance(called.name, self._bound_arguments(form, node, place))
        known = self._receiver_arguments(called)
        known |= self._inferred(form, node, place)
        result = self.form_annotation(form.returns, known, called.receiver)
        return Coroutine(result) if form.is_coroutine_function else result

    def _bound_arguments(self, form: Form, node: ast.Call, place: Place) -> tuple[Value, ...]:
        """What the type parameters of a class stand for in `Task(coro)`."""
        inferred = self._inferred(form, node, place)
        return tuple(inferred.get(parameter, UNKNOWN) for parameter in form.type_parameters)

    def _receiver_arguments(self, called: Symbol) -> dict[str, Value]:
        receiver = called.receiver
        if receiver is None:
            return {}
        form = self.knowledge.form(receiver.cls)
        return dict(zip(form.type_parameters, receiver.arguments, strict=False)) if form else {}

    def _inferred(self, form: Form, node: ast.Call, place: Place) -> dict[str, Value]:
        """What the type variables of a signature stand for in a call."""
        known: dict[str, Value] = {}
        positional = [parameter for parameter in form.parameters if not parameter.keyword_only and parameter.starred < 2]
        for index, argument in enumerate(node.args):
            if not positional:
                break
            parameter = positional[min(index, len(positional) - 1)]
            if index >= len(positional) and not parameter.starred:
                break
            value = self.value(argument, place)
            if isinstance(argument, ast.Starred):
                value = self.element(value)
            annotations_.unify(self, parameter.annotation, value, known)
        named = {parameter.name: parameter for parameter in form.parameters}
        for keyword in node.keywords:
            if keyword.arg in named:
                annotations_.unify(self, named[keyword.arg].annotation, self.value(keyword.value, place), known)
        return known

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
                    if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Subscript | ast.BinOp):
                        return node.value, place.at(statement)
        return None

    def callback_arguments(self, called: Value, position: int) -> list[Value]:
        """What a callable at a position of a call is called with, by the annotation of the reference."""
        for option in options(called):
            form = self.knowledge.form(option.name) if isinstance(option, Symbol) else None
            if form is None or position >= len(form.parameters) or not isinstance(option, Symbol):
                continue
            node = annotations_.parsed(form.parameters[position].annotation or "")
            match node:
                case ast.Subscript(value=ast.Name(id="Callable"), slice=ast.Tuple(elts=[ast.List(elts=arguments), *_])):
                    known = self._receiver_arguments(option)
                    texts = [ast.unparse(argument) for argument in arguments]
                    return [self.form_annotation(text, known, option.receiver) for text in texts]
        return []

    def _user_called(self, function: UserFunction) -> Value:
        node = scopes.definition(function.statement)
        place = Place(function.source, function.statement)
        result = self._returned(function)
        if self._decorated(place, "asynccontextmanager", "contextmanager"):
            return Manager(self.element(result))
        if isinstance(node, ast.AsyncFunctionDef) and not self._generates(function):
            return Coroutine(result)
        return result

    def _generates(self, function: UserFunction) -> bool:
        return any("yield" in statement.text for statement in self._body(function))

    def _returned(self, function: UserFunction) -> Value:
        """What a function returns: by its annotation, else by its `return` statements."""
        node = scopes.definition(function.statement)
        if not isinstance(node, Function_):
            return UNKNOWN
        place = Place(function.source, function.statement)
        if node.returns is not None:
            return self.annotation(node.returns, place.binding(self._solved(function)))
        return self._guarded(
            (function.source, function.statement, "returned"), lambda: self._return_values(function)
        )

    def _solved(self, function: UserFunction) -> dict[str, Value]:
        """What `Self` and the type variables of its class stand for in a method."""
        owner = function.owner
        if not isinstance(owner, UserInstance):
            return {}
        solved: dict[str, Value] = {"Self": Solved(owner)}
        node = scopes.definition(owner.cls.statement)
        if owner.cls.arguments and isinstance(node, ast.ClassDef):
            for base in node.bases:
                if isinstance(base, ast.Subscript):
                    inner = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
                    names = [part.id for part in inner if isinstance(part, ast.Name)]
                    solved.update(zip(names, map(Solved, owner.cls.arguments), strict=False))
        return solved

    def _return_values(self, function: UserFunction) -> Value:
        values: list[Value] = []
        for statement in self._body(function):
            for node in _walk(statement.tree):
                if isinstance(node, ast.Return):
                    values.append(self.value(node.value, Place(function.source, statement)) if node.value else OTHER)
                elif isinstance(node, ast.Yield):
                    values.append(Items(self.value(node.value, Place(function.source, statement))))
        if values:
            return choice(values)
        return UNKNOWN if self._is_stub(function) else OTHER

    def _is_stub(self, function: UserFunction) -> bool:
        """Say whether a function only says that others have to define it."""
        return any("NotImplementedError" in statement.text or statement.word == "pass" for statement in self._body(function))

    def _body(self, function: UserFunction) -> Iterator[Statement]:
        for statement in function.source.block(function.statement):
            if scopes.function_of(function.source, statement) is function.statement:
                yield statement

    def _super(self, place: Place) -> Value:
        function = scopes.function_of(place.source, place.statement)
        while function is not None:
            owner = scopes.class_of(place.source, function)
            if owner is not None:
                return Parents(UserInstance(UserClass(place.source, owner)))
            function = scopes.function_of(place.source, function)
        return UNKNOWN

    def _external_called(self, path: str, node: ast.Call, place: Place) -> Value:
        """The few functions of other modules that hand on what they get."""
        arguments = node.args
        match path.rpartition(".")[2]:
            case "TypeVar":
                bound = next((keyword.value for keyword in node.keywords if keyword.arg == "bound"), None)
                return Solved(self.annotation(bound, place) if bound is not None else UNKNOWN)
            case "cast" if len(arguments) == 2:
                return self.annotation(arguments[0], place)
            case "next" | "choice" | "min" | "max" if arguments:
                return self.element(self.value(arguments[0], place))
            case "list" | "set" | "frozenset" | "sorted" | "reversed" | "iter" | "deque" | "chain" | "tuple" | "WeakSet":
                return Items(choice(self.element(self.value(argument, place)) for argument in arguments))
            case "filter" if len(arguments) == 2:
                return Items(self.element(self.value(arguments[1], place)))
            case "map" if len(arguments) == 2:
                return Items(self.result_of(self.value(arguments[0], place)))
            case "enumerate" if arguments:
                return Items(Row((OTHER, self.element(self.value(arguments[0], place)))))
            case "zip":
                return Items(Row(tuple(self.element(self.value(argument, place)) for argument in arguments)))
            case "partial" if arguments:
                return Function(self.result_of(self.value(arguments[0], place)))
            case "dict" | "OrderedDict" | "WeakValueDictionary" | "WeakKeyDictionary":
                return Mapping(UNKNOWN)
            case "defaultdict" if arguments:
                return Mapping(self.result_of(self.value(arguments[0], place)))
            case "copy":
                return self.value(arguments[0], place) if arguments else UNKNOWN
        return ExternalInstance(path)

    # Reading, entering, iterating, awaiting

    def instance_of(self, value: Value) -> Value:
        """Read a property: a value of asyncio that is no callable gives what its annotation says."""
        return choice(self._read(option) for option in options(value))

    def _read(self, value: Value) -> Value:
        if isinstance(value, Symbol):
            form = self.knowledge.form(value.name)
            if form is not None and not form.is_callable and not form.is_class:
                return self.form_annotation(form.returns, self._receiver_arguments(value), value.receiver)
        return value

    def instance(self, value: Value) -> Value:
        """An object of a class."""
        return choice(self._instantiated(option) for option in options(value))

    def _instantiated(self, value: Value) -> Value:
        match value:
            case Symbol():
                form = self.knowledge.form(value.name)
                return Instance(value.name) if form is not None and form.is_class else UNKNOWN
            case Hidden():
                return Instance(value.cls)
            case UserClass():
                return UserInstance(value)
            case External():
                return ExternalInstance(value.path)
        return UNKNOWN

    def entered(self, value: Value) -> Value:
        """What `as` binds in a `with` of the value."""
        return choice(self._entered(option) for option in options(value))

    def _entered(self, value: Value) -> Value:
        match value:
            case Manager():
                return value.result
            case Instance():
                form = self.knowledge.form(value.cls)
                return self.form_annotation(form.enters, self._arguments(value), value) if form else UNKNOWN
            case UserInstance():
                for name in _ENTERING:
                    method = self.user_attribute(value.cls, name, value)
                    if isinstance(method, UserFunction):
                        return self._returned(method)
                    if isinstance(method, Symbol):
                        return value
                inherited = [base for base in self.bases(value.cls) if isinstance(base, Symbol)]
                return choice(self._entered(Instance(base.name)) for base in inherited)
            case Coroutine():
                return self.entered(value.result)
        return UNKNOWN

    def _arguments(self, instance: Instance) -> dict[str, Value]:
        form = self.knowledge.form(instance.cls)
        return dict(zip(form.type_parameters, instance.arguments, strict=False)) if form else {}

    def element(self, value: Value) -> Value:
        """What a loop over the value binds."""
        return choice(self._element(option) for option in options(value))

    def _element(self, value: Value) -> Value:
        match value:
            case Items():
                return value.element
            case Row():
                return choice(value.items)
            case Mapping():
                return value.key
            case Instance():
                form = self.knowledge.form(value.cls)
                return self.form_annotation(form.iterates, self._arguments(value), value) if form else UNKNOWN
            case UserInstance():
                for name in ("__iter__", "__aiter__"):
                    method = self.user_attribute(value.cls, name, value)
                    if isinstance(method, UserFunction):
                        return self.element(self._returned(method))
        return UNKNOWN

    def item(self, value: Value, index: int) -> Value:
        """What unpacking binds to the target at an index."""
        found = []
        for option in options(value):
            if isinstance(option, Row):
                found.append(option.items[index] if -len(option.items) <= index < len(option.items) else UNKNOWN)
            else:
                found.append(self._element(option))
        return choice(found)

    def awaited(self, value: Value) -> Value:
        """What awaiting the value gives."""
        return choice(self._awaited(option) for option in options(value))

    def _awaited(self, value: Value) -> Value:
        match value:
            case Coroutine():
                return value.result
            case Manager():
                return value.result
            case Instance():
                form = self.knowledge.form(value.cls)
                return self.form_annotation(form.awaits, self._arguments(value), value) if form else UNKNOWN
            case UserInstance():
                method = self.user_attribute(value.cls, "__await__", value)
                if isinstance(method, UserFunction):
                    return UNKNOWN
                inherited = [base for base in self.bases(value.cls) if isinstance(base, Symbol)]
                return choice(self._awaited(Instance(base.name)) for base in inherited)
        return UNKNOWN

    def _subscript(self, node: ast.Subscript, place: Place) -> Value:
        owner = self.value(node.value, place)
        found: list[Value] = []
        for option in options(owner):
            match option:
                case Symbol() | UserClass():
                    found.append(option)
                case Mapping():
                    found.append(option.element)
                case Row() if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
                    found.append(self.item(option, node.slice.value))
                case Items() | Row():
                    found.append(option if isinstance(node.slice, ast.Slice) else self._element(option))
                case External():
                    found.append(option)
                case _:
                    found.append(UNKNOWN)
        return choice(found)


def _is_telling(value: Value) -> bool:
    """Say whether attributes of the value can be found."""
    return not isinstance(value, type(UNKNOWN) | type(OTHER) | External | ExternalInstance)


def _container_called(method: ContainerMethod) -> Value:
    owner = method.owner
    match owner, method.name:
        case Mapping(), "get" | "pop" | "setdefault":
            return owner.element
        case Mapping(), "values":
            return Items(owner.element)
        case Mapping(), "keys":
            return Items(owner.key)
        case Mapping(), "items":
            return Items(Row((owner.key, owner.element)))
        case Mapping(), "popitem":
            return Row((owner.key, owner.element))
        case Items(), "pop" | "popleft" | "get" | "get_nowait":
            return owner.element
        case _, "copy" | "union" | "difference" | "intersection":
            return owner
    return OTHER


def _walk(tree: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in tree:
        yield from ast.walk(statement)


def _assigns_attribute(statement: Statement, method: Function_, name: str) -> bool:
    """Say whether a statement assigns `self.name`, whatever the method calls `self`."""
    first = next(scopes.parameters(method), None)
    if first is None:
        return False
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == first[0].arg
        for node in _walk(statement.tree)
    )


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _default(arguments: ast.arguments, wanted: ast.arg) -> ast.expr | None:
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        if argument is wanted:
            return default
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if argument is wanted:
            return keyword_default
    return None
