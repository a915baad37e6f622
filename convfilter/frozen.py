"""Frozen dataclasses whose methods are shared instead of compiled anew for each class.

The program has a hundred kinds of values. The standard library writes the source of six methods
for each and compiles it, which took as long as importing NumPy.
"""

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from functools import cached_property
from inspect import Parameter, Signature
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

Kind = TypeVar("Kind", bound=type)


@overload
def frozen(kind: Kind, /) -> Kind: ...


@overload
def frozen(*, eq: bool = True, kw_only: bool = False) -> Callable[[Kind], Kind]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(
    kind: Kind | None = None, /, *, eq: bool = True, kw_only: bool = False
) -> Kind | Callable[[Kind], Kind]:
    """Make a class a frozen dataclass; methods that it has or inherits stay as they are.

    Parameters
    ----------
    eq
        Whether two of equal fields are equal; otherwise each equals but itself.
    kw_only
        Whether the fields can be given by name only.
    """

    def made(kind: Any) -> Any:
        dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(kind)
        kind._form = _Form(kind)
        for name, method in (_SHARED | _BY_VALUE if eq else _SHARED).items():
            if getattr(kind, name) is getattr(object, name):
                setattr(kind, name, method)
        if getattr(kind, "__init__") is _init:  # noqa: B009 - of the class, not of an instance
            kind.__signature__ = _LazySignature()
        return kind

    return made if kind is None else made(kind)


class _Form:
    """What the shared methods need to know of a class."""

    def __init__(self, kind: Any) -> None:
        known = fields(kind)
        self.kind = kind
        self.names = {one.name for one in known}
        self.places = tuple(one.name for one in known if not one.kw_only)
        self.defaults = {o.name: o.default for o in known if o.default is not MISSING}
        self.factories = {
            o.name: o.default_factory for o in known if o.default_factory is not MISSING
        }
        self.checks = hasattr(kind, "__post_init__")
        compared = [one.name for one in known if one.compare]
        self.compared: Callable[[Any], Any] = attrgetter(*compared) if compared else type

    @cached_property
    def signature(self) -> Signature:
        """What the class takes, as a function would."""
        made = {name: make() for name, make in self.factories.items()}
        defaults = self.defaults | made
        # Python wants those that are given by name only behind the others.
        by_name = [name for name in self.kind.__dataclass_fields__ if name not in self.places]
        annotations = {one.name: one.type for one in fields(self.kind)}
        return Signature(
            [
                Parameter(
                    name,
                    Parameter.POSITIONAL_OR_KEYWORD
                    if name in self.places
                    else Parameter.KEYWORD_ONLY,
                    default=defaults.get(name, Parameter.empty),
                    annotation=annotations[name],
                )
                for name in (*self.places, *by_name)
            ]
        )

    def refuse(self, given: tuple[Any, ...], named: dict[str, Any]) -> NoReturn:
        """Raise what Python raises for a function with such parameters."""
        try:
            self.signature.bind(*given, **named)
        except TypeError as error:
            raise TypeError(f"{self.kind.__name__}: {error}") from None
        raise AssertionError(f"{self.kind.__name__} took {given} and {named} for wrong")


class _LazySignature:
    """What `inspect.signature`, and so the documentation, finds; made when it is asked for."""

    def __get__(self, instance: object, kind: Any) -> Signature:
        signature: Signature = kind._form.signature
        return signature


def _init(self: Any, *given: Any, **named: Any) -> None:
    form: _Form = self._form
    values = self.__dict__
    values.update(form.defaults)
    fits = True
    if given:
        first = form.places[: len(given)]
        values.update(zip(first, given, strict=False))
        fits = len(first) == len(given) and named.keys().isdisjoint(first)
    values.update(named)
    for name, make in form.factories.items():
        if name not in values:
            values[name] = make()
    if not fits or values.keys() != form.names:
        form.refuse(given, named)
    if form.checks:
        self.__post_init__()


def _setattr(self: object, name: str, value: object) -> NoReturn:  # noqa: ARG001
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(self: object, name: str) -> NoReturn:  # noqa: ARG001
    raise FrozenInstanceError(f"cannot delete field {name!r}")


@recursive_repr()
def _repr(self: Any) -> str:
    told = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({told})"


def _eq(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    compared = self._form.compared
    return compared(self) == compared(other)


def _hash(self: Any) -> int:
    return hash(self._form.compared(self))


_SHARED: dict[str, Any] = {
    "__init__": _init,
    "__repr__": _repr,
    "__setattr__": _setattr,
    "__delattr__": _delattr,
}
_BY_VALUE: dict[str, Any] = {"__eq__": _eq, "__hash__": _hash}
