# SPDX-License-Identifier: Apache-2.0
"""The tree of settings itself."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from nacre.config.check import check
from nacre.config.document import Raw
from nacre.config.duration import Duration
from nacre.config.schema import group_of, nested
from nacre.config.section import Section
from nacre.config.shapes import Field, Group
from nacre.config.tree import Feature, Settings


def all_fields(group: Group, path: str = "") -> Iterator[tuple[str, type[Section], Field]]:
    """Yield every field of a section and of those below it, with its path."""
    for field in group.fields.values():
        here = f"{path}.{field.name}".lstrip(".")
        yield here, group.section, field
        if inner := nested(field):
            yield from all_fields(inner, here)


FIELDS = {path: (section, field) for path, section, field in all_fields(group_of(Settings))}


@pytest.mark.parametrize("path", FIELDS)
def test_a_field_has_one_sentence(path: str) -> None:
    """
    The sentence is the documentation: example, reference and messages show nothing else.
    """
    _, field = FIELDS[path]

    assert field.about.endswith(".")
    assert field.about[0].isupper() or field.about[0] == "`"


@pytest.mark.parametrize("path", [path for path, (_, field) in FIELDS.items() if not nested(field)])
def test_a_default_could_stand_in_a_file(path: str) -> None:
    """
    A default outside of its own range could be had, but never be written down.
    """
    _, field = FIELDS[path]
    value = field.sample if field.default is msgspec.NODEFAULT else field.default
    if value in (None, (), {}):
        return
    text: Raw = [str(each) for each in value] if isinstance(value, tuple) else str(value)

    assert field.shape.read(text, path) == value


@pytest.mark.parametrize("section", dict.fromkeys(section for section, _ in FIELDS.values() if section.ORDERED))
def test_pairs_are_in_order_by_default(section: type[Section]) -> None:
    """
    Otherwise the defaults alone would be refused.
    """
    fields = group_of(section).fields

    for low, high in section.ORDERED:
        assert fields[low].default <= fields[high].default


def test_the_defaults_pass_all_checks() -> None:
    """
    The service starts without any file; its rules are these.
    """
    check(Settings())

    assert [rule.name for rule in Settings().brute_force.buckets] == [
        "address",
        "address6",
        "address_day",
        "address6_day",
        "network",
        "network6",
        "account",
    ]


def test_settings_are_never_changed() -> None:
    """
    What is shared is replaced: a request sees either the old settings or the new ones.
    """
    with pytest.raises(AttributeError):
        Settings().server.workers = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "feature"),
    [
        ("rbl", Feature.RBL),
        ("realtime_blackhole_lists", Feature.RBL),
        ("cleartext_networks", Feature.TLS_ENCRYPTION),
        ("backend_health_checks", Feature.BACKEND_SERVER_MONITORING),
    ],
)
def test_a_check_has_the_names_that_nauthilus_gave_it(name: str, feature: Feature) -> None:
    """
    Its first manual and its version 3 call the same checks differently.
    """
    assert Feature(name) is feature


def test_a_check_has_no_other_names() -> None:
    """
    An unknown name that is skipped would be a check that silently never counts.
    """
    with pytest.raises(ValueError, match="is not a valid Feature"):
        Feature("captcha")


def test_durations_of_the_tree_are_durations() -> None:
    """
    A plain number as default would be written without its unit.
    """
    for path, (_, field) in FIELDS.items():
        if field.shape.kind == "duration" and field.default is not msgspec.NODEFAULT:
            assert isinstance(field.default, Duration), path
