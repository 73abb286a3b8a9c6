# SPDX-License-Identifier: Apache-2.0
"""Shapes, made from annotations."""

from __future__ import annotations

import enum
from typing import Annotated

import pytest
from msgspec import NODEFAULT, Meta

from nacre.config.document import Raw
from nacre.config.duration import Duration
from nacre.config.forms import NETWORK, Also, Span, Unset
from nacre.config.schema import group_of, leaves, nested
from nacre.config.section import Section


class Colour(enum.StrEnum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


class Inner(Section, frozen=True):
    """A section below."""

    depth: int = 1


class Sample(Section, frozen=True):
    """One field of every kind that the tree may have."""

    needed: Annotated[str, Meta(min_length=1, description="Needed.", examples=["x"])]
    count: Annotated[int, Meta(ge=1, description="Counts.")] = 1
    share: Annotated[float, Meta(ge=0.5, le=2)] = 1.0
    some: Annotated[Annotated[int, Meta(ge=1, le=9)] | None, Meta(description="Some.")] = None
    wait: Annotated[Duration, Span(Duration(60), zero=True)] = Duration(5)
    colour: Colour = Colour.RED
    flag: bool = False
    networks: Annotated[tuple[Annotated[str, NETWORK], ...], Also(("nets",)), Unset("none")] = ()
    users: dict[str, tuple[Annotated[str, NETWORK], ...]] = {}  # noqa: RUF012 (msgspec copies it)
    inner: Inner = Inner()
    inners: tuple[Inner, ...] = ()


@pytest.mark.parametrize(
    ("name", "kind", "limits"),
    [
        ("needed", "text", "not empty"),
        ("count", "whole number", "1 or more"),
        ("share", "number", "0.5 to 2"),
        ("some", "whole number", "1 to 9"),
        ("wait", "duration", "up to 1m"),
        ("colour", "one of `red`, `blue`", ""),
        ("flag", "`true` or `false`", ""),
        ("networks", "list of addresses and networks", ""),
        ("users", "mapping of texts to lists of addresses and networks", ""),
        ("inner", "section", ""),
        ("inners", "list of sections", ""),
    ],
)
def test_an_annotation_becomes_a_shape_with_a_name(name: str, kind: str, limits: str) -> None:
    """
    Messages and reference say what the annotation says, in words.
    """
    shape = group_of(Sample).fields[name].shape

    assert (shape.kind, shape.limits) == (kind, limits)


def test_a_field_knows_what_is_said_of_it() -> None:
    """
    Whatever stands among the annotations arrives.
    """
    needed, networks = (group_of(Sample).fields[name] for name in ("needed", "networks"))

    assert (needed.default, needed.sample, needed.about) == (NODEFAULT, "x", "Needed.")
    assert (networks.also, networks.unset, networks.default) == (("nets",), "none", ())


def test_a_file_is_read_by_these_shapes() -> None:
    """
    The whole way once, with other spellings, choices, bounds and sections in sections.
    """
    text: Raw = {
        "needed": "a",
        "wait": "0",
        "colour": "blue",
        "nets": ["10.0.0.0/8"],
        "users": {"erika": ["::1"]},
        "inner": {"depth": "3"},
        "inners": [{}, {"depth": "4"}],
        "some": "7",
    }

    assert group_of(Sample).read(text, "") == Sample(
        needed="a",
        wait=Duration(0),
        colour=Colour.BLUE,
        networks=("10.0.0.0/8",),
        users={"erika": ("::1",)},
        inner=Inner(depth=3),
        inners=(Inner(), Inner(depth=4)),
        some=7,
    )


def test_a_text_that_means_not_set_leaves_the_default() -> None:
    """
    Nauthilus writes 0 for a scope that is off.
    """
    assert group_of(Sample).read({"needed": "a", "networks": "none"}, "").networks == ()


def test_leaves_are_the_fields_that_hold_values() -> None:
    """
    A variable of the environment can replace each of them; lists of sections are replaced as a whole.
    """
    paths = [path for path, _ in leaves(group_of(Sample))]

    assert ("inner", "depth") in paths
    assert ("inners",) in paths
    assert ("inner",) not in paths


def test_a_list_of_sections_has_sections_in_it() -> None:
    """
    The reference and the example have a part for their entries.
    """
    fields = group_of(Sample).fields

    assert nested(fields["inner"]) is nested(fields["inners"]) is group_of(Inner)
    assert nested(fields["networks"]) is None
