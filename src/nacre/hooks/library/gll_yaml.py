# SPDX-License-Identifier: Apache-2.0
"""``yaml``: tables as YAML and back, plain values only."""

from __future__ import annotations

import yaml

from nacre.hooks.call import Module, Seat
from nacre.hooks.library.arguments import text
from nacre.hooks.library.gll_json import decoded, encoded

MOST_BYTES = 262_144
"""Characters of one document."""


class _Plain(yaml.SafeLoader):
    """Reads plain values, and no aliases: a few lines of these mean gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def open_yaml(seat: Seat) -> Module:
    """Return the module."""

    def decode(data: object) -> object:
        given = text(data, 1, "decode")
        if len(given) > MOST_BYTES:
            return None, f"a document has {MOST_BYTES:,} characters at most"
        try:
            value = yaml.load(given, _Plain)  # noqa: S506  it is a safe loader
            return seat.table(decoded(encoded(value)))
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            return None, str(error)

    def encode(value: object) -> object:
        try:
            return yaml.safe_dump(decoded(encoded(seat.plain(value))), allow_unicode=True, sort_keys=True)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            return None, str(error)

    return {"decode": decode, "encode": encode}
