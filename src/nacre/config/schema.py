# SPDX-License-Identifier: Apache-2.0
"""The shapes of all settings, made from the annotations of the tree."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta

from nacre.config.duration import Duration
from nacre.config.forms import Also, Form, Span, Unset
from nacre.config.section import Section
from nacre.config.shapes import Field, Group, Items, Leaf, Names, Shape, Time


@cache
def group_of(section: type[Section]) -> Group:
    """
    Return the shape of a section.

    >>> from nacre.config.tree import Limits
    >>> field = group_of(Limits).fields["body_bytes"]
    >>> field.shape.kind, field.shape.limits, field.default, field.about
    ('whole number', '1024 to 16777216', 65536, 'Bytes of one request body.')
    """
    return Group(section, {info.name: _field(info) for info in msgspec.structs.fields(section)})


def nested(field: Field) -> Group | None:
    """Return the section that a field is, or that each of its entries is."""
    shape = field.shape.item if isinstance(field.shape, Items) else field.shape
    return shape if isinstance(shape, Group) else None


def leaves(group: Group, prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Field]]:
    """Yield every setting that is no section, with the names that lead to it."""
    for field in group.fields.values():
        path = (*prefix, field.name)
        if isinstance(field.shape, Group):
            yield from leaves(field.shape, path)
        else:
            yield path, field


def _field(info: msgspec.structs.FieldInfo) -> Field:
    marks = getattr(info.type, "__metadata__", ())
    also = next((mark.names for mark in marks if isinstance(mark, Also)), ())
    unset = next((mark.text for mark in marks if isinstance(mark, Unset)), None)
    about = next((mark.description for mark in marks if isinstance(mark, Meta) and mark.description), "")
    default = info.default if info.default_factory is NODEFAULT else info.default_factory()
    sample = next((mark.examples[0] for mark in marks if isinstance(mark, Meta) and mark.examples), None)
    return Field(info.name, also, unset, _shape(info.type), about, default, sample)


def _shape(annotation: Any) -> Shape:
    marks: tuple[Any, ...] = ()
    if get_origin(annotation) is Annotated:
        annotation, *rest = get_args(annotation)
        marks = tuple(rest)
    arguments = get_args(annotation)
    if get_origin(annotation) is tuple:
        return Items(_shape(arguments[0]))
    if get_origin(annotation) is dict:
        return Names(*(_shape(each) for each in arguments))
    if type(None) in arguments:
        return _shape(next(each for each in arguments if each is not type(None)))
    if issubclass(annotation, Section):
        return group_of(annotation)
    if issubclass(annotation, Duration):
        return Time(next(mark for mark in marks if isinstance(mark, Span)))
    return _leaf(annotation, marks)


def _leaf(base: type, marks: tuple[Any, ...]) -> Leaf:
    form = next((mark for mark in marks if isinstance(mark, Form)), None)
    metas = [mark for mark in marks if isinstance(mark, Meta)]
    choices = tuple(str(each.value) for each in base) if issubclass(base, enum.Enum) else ()
    if form:
        kind, plural = form.name, form.plural
    elif choices:
        plural = ", ".join(f"`{each}`" for each in choices)
        kind = f"one of {plural}"
    else:
        kind, plural = _WORDS[base]
    bounds = [mark for mark in metas if any(b is not None for b in (mark.ge, mark.le, mark.min_length))]
    annotation = Annotated[base, *bounds] if bounds else base
    return Leaf(annotation, kind, plural, _limits(bounds), form, choices)


_WORDS: Mapping[type, tuple[str, str]] = {
    bool: ("`true` or `false`", "truth values"),
    int: ("whole number", "whole numbers"),
    float: ("number", "numbers"),
    str: ("text", "texts"),
}


def _limits(bounds: list[Meta]) -> str:
    for mark in bounds:
        if mark.min_length is not None:
            return f"{mark.min_length} to {mark.max_length} characters" if mark.max_length else "not empty"
        least = f"more than {mark.gt:g}" if mark.gt is not None else f"{mark.ge}"
        if mark.le is None:
            return least if mark.gt is not None else f"{least} or more"
        return f"{least} to {mark.le}"
    return ""
