# SPDX-License-Identifier: Apache-2.0
"""What readers hand over: attempts with their outcomes, and the account of what was read."""

from __future__ import annotations

import msgspec

from nacre.attempt import AttemptFields

EXAMPLES = 3
"""Examples kept per reason."""

EXAMPLE_LENGTH = 120
"""Characters kept of an example."""


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """
    An attempt that a log tells of, and what became of it.

    Attributes:
        fields: The attempt.  ``time`` is set; ``request_id`` is, if the row had one.
        success: Whether the backend accepted it.
        line: Number of the line in its file, the first is 1.
    """

    fields: AttemptFields
    success: bool
    line: int


class Example(msgspec.Struct, frozen=True):
    """
    One place that shows a reason.

    Attributes:
        file: Name of the file.
        line: Number of the line in it.
        text: What stood there, or what is wrong with it; one printable line.
    """

    file: str
    line: int
    text: str


class Omission(msgspec.Struct):
    """
    How often something was left out, and the first places where it was.

    Attributes:
        count: Lines.
        examples: The first of them.
    """

    count: int = 0
    examples: list[Example] = []


class Tally(msgspec.Struct):
    """
    The account of what was read: nothing is left out in silence.

    One tally may serve several files, one after the other or interleaved.

    Attributes:
        lines: Lines read.
        attempts: Attempts handed over.
        not_understood: Lines that the format does not allow.
        skipped: Lines that the format allows and that became no attempt, by reason.
        warnings: What concerns a whole file, such as an archive that breaks off.
        bytes_read: Bytes consumed, of the files as they lie on disk.
        bytes_total: Bytes of all files opened so far, or more if the caller knows of more.

    >>> tally = Tally()
    >>> tally.skip("host name instead of an address", "auth.log", 7, "Failed password for erika from example.org")
    >>> tally.skipped["host name instead of an address"].count, tally.share
    (1, 0.0)
    """

    lines: int = 0
    attempts: int = 0
    not_understood: Omission = msgspec.field(default_factory=Omission)
    skipped: dict[str, Omission] = {}
    warnings: list[str] = []
    bytes_read: int = 0
    bytes_total: int = 0

    @property
    def share(self) -> float:
        """How much of the files has been read, from 0 to 1."""
        return min(1.0, self.bytes_read / self.bytes_total) if self.bytes_total else 0.0

    def misunderstand(self, file: str, line: int, text: str | bytes) -> None:
        """Count a line that the format does not allow."""
        _note(self.not_understood, file, line, text)

    def skip(self, reason: str, file: str, line: int, text: str | bytes) -> None:
        """Count a line that became no attempt for *reason*."""
        omission = self.skipped.get(reason)
        if omission is None:
            omission = self.skipped[reason] = Omission()
        _note(omission, file, line, text)


def _note(omission: Omission, file: str, line: int, text: str | bytes) -> None:
    omission.count += 1
    if len(omission.examples) < EXAMPLES:
        omission.examples.append(Example(file, line, shorten(text)))


def shorten(text: str | bytes) -> str:
    r"""
    Return the beginning of a text that an attacker may have written, safe to show on a terminal.

    >>> shorten(b"Invalid user \x1b[31mroot")
    'Invalid user ?[31mroot'
    """
    if isinstance(text, bytes):
        text = text[: 4 * EXAMPLE_LENGTH].decode("utf-8", "replace")
    cut = text if len(text) <= EXAMPLE_LENGTH else text[: EXAMPLE_LENGTH - 1] + "…"
    return cut if cut.isprintable() else "".join(c if c.isprintable() else "?" for c in cut)
