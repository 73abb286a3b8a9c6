# SPDX-License-Identifier: Apache-2.0
"""
From a file and the environment to settings, or to one sentence about what is wrong.

msgspec checks single values, the shapes find the place: its own messages know neither the nearest
name nor the variable that a value came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nacre.config.check import check
from nacre.config.document import MAX_CHARACTERS, Raw, read_document
from nacre.config.environment import Override, overlay, overrides
from nacre.config.nauthilus import adapt
from nacre.config.schema import group_of
from nacre.config.shapes import Unusable
from nacre.config.tree import Settings
from nacre.errors import SettingsError

EXTENSION = "x-"
"""Sections that begin so are read for the anchors in them only."""


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """
    Return the settings of a file, changed by the environment.

    Args:
        path: A YAML file, ``None`` for the defaults.
        environ: Usually ``os.environ``; ``NACRE_SERVER__LISTEN`` stands for ``server.listen``.

    Raises:
        SettingsError: a setting cannot be used; names it, its value and what would do.

    >>> load_settings(None, {"NACRE_SERVER__WORKERS": "4"}).server.workers
    4
    """
    text = _read(path) if path else ""
    return _settings(text, str(path) if path else None, overrides(environ))


def parse_settings(text: str, *, file: str | None = None) -> Settings:
    """
    Return the settings of a YAML text.

    Args:
        text: What a file holds; nothing for the defaults.
        file: Its name, for errors.

    Raises:
        SettingsError: a setting cannot be used; names it, its value and what would do.

    >>> parse_settings("server: {workers: 4}").server.workers
    4
    >>> parse_settings("brute_force: {tolerate_percnt: 10}", file="nacre.yml")
    Traceback (most recent call last):
    ...
    nacre.errors.SettingsError: nacre.yml: brute_force.tolerate_percnt: unknown setting `tolerate_percnt`; \
did you mean `tolerate_percent`?
    """
    return _settings(text, file, ())


def _settings(text: str, file: str | None, changes: Sequence[Override]) -> Settings:
    document = read_document(text, file=file)
    if not isinstance(document, dict | None):
        raise SettingsError("no settings; write sections like `server:`, and their settings below", file=file)
    sections: dict[str, Raw] = {
        name: value for name, value in (document or {}).items() if not name.startswith(EXTENSION)
    }
    try:
        sections = adapt(sections)
        for change in changes:
            sections = overlay(sections, change)
        settings: Settings = group_of(Settings).read(sections, "")
        check(settings)
    except Unusable as error:
        source = next((change.variable for change in changes if _lies_in(error.field, ".".join(change.path))), file)
        raise SettingsError(error.problem, field=error.field, file=source) from None
    return settings


def _lies_in(field: str, path: str) -> bool:
    return field == path or field.startswith((f"{path}.", f"{path}["))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(4 * MAX_CHARACTERS + 1)
        return content.decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"no UTF-8: byte {error.start} is 0x{content[error.start]:02x}", file=str(path)) from None
