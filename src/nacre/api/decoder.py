# SPDX-License-Identifier: Apache-2.0
"""Bodies decoded into their types; what we do not know in them is ignored, and counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from nacre.api.problems import decoded
from nacre.attempt import AttemptFields


class Decoder:
    """
    Decodes one kind of body; unknown fields are ignored, and counted.

    The strict decoder is tried first: it costs nothing more, and only bodies with unknown fields
    are decoded a second time.

    Args:
        kind: What is decoded.
        unknown: Called for each body with unknown fields.
    """

    def __init__(self, kind: type[AttemptFields], unknown: Callable[[], None]) -> None:
        strict = msgspec.defstruct(kind.__name__, [], bases=(kind,), forbid_unknown_fields=True, kw_only=True, gc=False)
        self._strict = msgspec.json.Decoder(strict).decode
        self._lenient = msgspec.json.Decoder(kind).decode
        self._unknown = unknown

    def __call__(self, body: bytes) -> Any:
        """Return the decoded body; raises what msgspec raises."""
        try:
            return self._strict(body)
        except msgspec.ValidationError as error:
            if "unknown field" not in str(error):
                raise
            attempt = decoded(self._lenient, body)
            self._unknown()
            return attempt
