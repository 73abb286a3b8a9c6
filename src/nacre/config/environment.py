# SPDX-License-Identifier: Apache-2.0
"""
Settings from the environment: ``NACRE_SERVER__LISTEN`` stands for ``server.listen``.

A variable of ours that means nothing is refused like an unknown key of the file.  Those that an orchestrator
sets for a service that happens to be called nacre are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from nacre.config.document import Raw, read_document
from nacre.config.schema import group_of, leaves
from nacre.config.shapes import Items, Names, Shape
from nacre.config.tree import Settings
from nacre.errors import SettingsError

PREFIX = "NACRE_"

RESERVED = frozenset({"NACRE_CONFIG", "NACRE_DATA_DIR", "NACRE_LISTEN", "NACRE_WORKERS"})
"""Variables that the command line reads."""

BORROWED = {"NAUTHILUS_EXPERIMENTAL_ML": f"{PREFIX}BRUTE_FORCE__NEURAL_NETWORK__ENABLED"}
"""Variables of Nauthilus, and ours that mean the same and hold where both are set."""

# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
_ORCHESTRATED = re.compile(r"NACRE_(SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)")


class Override(NamedTuple):
    """
    A setting from the environment.

    Attributes:
        variable: Where it comes from.
        path: Names that lead to the setting.
        names: All names of the setting itself, its own first.
        value: As a file would have it.
    """

    variable: str
    path: tuple[str, ...]
    names: tuple[str, ...]
    value: Raw


def overrides(environ: Mapping[str, str]) -> list[Override]:
    """
    Return the settings that the environment makes.

    A single value is taken as it stands, without quotes around it; lists may be written between commas, and
    lists and mappings as in YAML.  An empty variable counts as not set.

    Raises:
        SettingsError: a variable names no setting, or its value cannot be read.

    >>> overrides({"NACRE_SERVER__WORKERS": "4", "HOME": "/"})[0].path
    ('server', 'workers')
    >>> overrides({"NACRE_SERVER__WORKER": "4"})
    Traceback (most recent call last):
    ...
    nacre.errors.SettingsError: NACRE_SERVER__WORKER: no setting has this name; did you mean `NACRE_SERVER__WORKERS`?
    """
    found = []
    for variable in sorted(environ, key=lambda name: (name not in BORROWED, name)):
        ours = BORROWED.get(variable, variable)
        if not ours.startswith(PREFIX) or ours in RESERVED or _ORCHESTRATED.fullmatch(ours):
            continue
        known = _variables().get(ours)
        if known is None:
            raise SettingsError(f"no setting has this name; {_advice(variable)}", file=variable)
        path, names, shape = known
        value = _value(environ[variable], shape, variable)
        if value is not None:
            found.append(Override(variable, path, names, value))
    return found


def overlay(document: dict[str, Raw], override: Override) -> dict[str, Raw]:
    """
    Return the document with one setting replaced.

    The mappings on the way are copied: an alias may have put one of them into two places.

    >>> overlay({"server": {"workers": "1"}}, Override("NACRE_X", ("server", "workers"), ("workers",), "4"))
    {'server': {'workers': '4'}}
    """
    name, *rest = override.path
    if not rest:
        return {key: value for key, value in document.items() if key not in override.names} | {name: override.value}
    inner = document.get(name)
    below = override._replace(path=tuple(rest))
    return document | {name: overlay(inner if isinstance(inner, dict) else {}, below)}


@cache
def _variables() -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...], Shape]]:
    return {
        PREFIX + "__".join((*path[:-1], name)).upper(): (path, (field.name, *field.also), field.shape)
        for path, field in leaves(group_of(Settings))
        for name in (field.name, *field.also)
    }


def _value(text: str, shape: Shape, variable: str) -> Raw:
    if not text.strip():
        return None
    single = not isinstance(shape, Items | Names)
    try:
        value = read_document(text, file=variable)
    except SettingsError:
        if single:
            return text
        raise
    return text if single and isinstance(value, list | dict) else value


def _advice(variable: str) -> str:
    below = next((name for name in _variables() if name.startswith(f"{variable}__")), "")
    if below:
        return f"it is a section, with settings such as `{below}`"
    close = get_close_matches(variable, _variables(), 1)
    return f"did you mean `{close[0]}`?" if close else "settings are spelled like `NACRE_SERVER__LISTEN`"
