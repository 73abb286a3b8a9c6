# SPDX-License-Identifier: Apache-2.0
"""
What the messages of sshd say about attempts.

User names are written by attackers, and may look like any part of a message: ``root from 192.0.2.1 port 22``
is a name that anybody can try.  Formats are therefore anchored where sshd itself writes, at the first word
and at the end.  Where free text may stand on both sides of the address, and an address fits in more than one
place, nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum

import msgspec

SERVICE = "sshd"
PROTOCOL = "ssh"

PROGRAMS = frozenset(("sshd", "sshd-session", "sshd-auth"))
"""Names under which it writes; since OpenSSH 9.8 and 10.0 the parts that serve a connection have their own."""

MAX_MESSAGE = 4096
"""Characters; what is longer is none of sshd, which cuts its messages at 1024 bytes."""

OTHER_PROGRAM = "line of another program"
SILENT = "line of sshd that tells of no attempt"

MAX_REPEATS = 10_000
"""Repetitions that one line may stand for; syslog daemons stop at a few hundred."""


class Kind(Enum):
    """
    How much a message says about attempts.

    A *trace* tells that somebody tried, but not how often: a dozen of them may follow a single attempt, and
    other messages of the same connection may tell of it too.
    """

    ACCEPTED = "accepted"
    FAILED = "failed"
    FAILED_PAM = "failed in PAM"
    TRACE = "trace"


class Said(msgspec.Struct, frozen=True, gc=False):
    """
    What one message says.

    Attributes:
        kind: How much it says.
        username: Name as typed, ``None`` if the message gives none.
        host: Address or host name of the client, ``None`` if it cannot be told from the free text around it.
        port: Port of the client, 0 if the message gives none.
        method: ``password``, ``publickey``, ``keyboard-interactive/pam`` ..., ``""`` if the message gives none.
        known: Whether the account exists, ``None`` if the message does not say.
        fingerprint: Of the key that was accepted.
        times: How often it happened.
    """

    kind: Kind
    username: str | None
    host: str | None
    port: int = 0
    method: str = ""
    known: bool | None = True
    fingerprint: str = ""
    times: int = 1


def parse(message: str) -> Said | None:
    """
    Return what a message says about attempts, ``None`` if it says nothing.

    The name here is ``x from 192.0.2.1 port 1 ssh2``:

    >>> said = parse("Failed password for invalid user x from 192.0.2.1 port 1 ssh2 from 198.51.100.7 port 4242 ssh2")
    >>> said.host, said.port, said.known
    ('198.51.100.7', 4242, False)
    >>> parse("Received disconnect from 198.51.100.7 port 4242:11: Bye Bye [preauth]") is None
    True
    """
    text = message.removesuffix(" [preauth]").removeprefix("error: ")
    read = _BY_FIRST_WORD.get(text.partition(" ")[0])
    return read(text) if read and len(text) <= MAX_MESSAGE else None


_OUTCOME = re.compile(r"(?P<outcome>Accepted|Failed) (?P<method>\S+) for (?P<unknown>(?:invalid|illegal) user )?")
_FROM_TO_END = re.compile(
    r"(?P<user>.*) from (?P<host>\S+) port (?P<port>\d{1,5})(?: ssh[12](?:: [A-Z0-9-]+ (?P<key>\S+))?)?", re.DOTALL
)
_FROM_INSIDE = re.compile(r" from (?P<host>\S+) port (?P<port>\d{1,5}) ssh[12](?=: )")
_KEY = re.compile(r": [A-Z0-9-]+ (?P<key>\S+)")
_FROM_ALONE = re.compile(r"(?P<user>.*) from (?P<host>\S+)", re.DOTALL)
_FINGERPRINT = re.compile(r"(?:SHA256|MD5):[\w+/:=]+|(?:[0-9a-f]{2}:){15}[0-9a-f]{2}")
_NAMELESS = "<invalid username>"
_NO_GUESS = frozenset(("none", "publickey", "hostbased"))


def _outcome(text: str) -> Said | None:
    head = _OUTCOME.match(text)
    if head is None:
        return None
    rest = text[head.end() :]
    user, host, port, key = _client(rest)
    if user is None and host is None:
        return None
    method, known = head["method"], not (head["unknown"] or user == _NAMELESS)
    if user == _NAMELESS:
        user = ""
    if head["outcome"] == "Accepted":
        fingerprint = key if _FINGERPRINT.fullmatch(key) else ""
        return Said(Kind.ACCEPTED, user, host, port, method, known, fingerprint)
    # Clients offer every key they have, and ask with "none" what else they may try: neither is a guess.
    return Said(Kind.TRACE if method in _NO_GUESS else Kind.FAILED, user, host, port, method, known)


def _client(rest: str) -> tuple[str | None, str | None, int, str]:
    """
    Return user, host, port and key of ``USER from HOST port N ssh2[: KEY]``; no host if several places fit.

    Behind the colon stands the key, and with certificates and host based authentication text that the client
    chose.  Passwords never have anything there.
    """
    if match := _FROM_TO_END.fullmatch(rest):
        return match["user"], match["host"], int(match["port"]), match["key"] or ""
    inside = list(_FROM_INSIDE.finditer(rest))
    if len(inside) == 1:
        match = inside[0]
        key = _KEY.match(rest, match.end())
        return rest[: match.start()], match["host"], int(match["port"]), key["key"] if key else ""
    if inside:
        return rest, None, 0, ""
    if rest.count(" from ") == 1 and (match := _FROM_ALONE.fullmatch(rest)):
        return match["user"], match["host"], 0, ""
    return None, None, 0, ""


_INVALID = re.compile(
    r"(?:Invalid|Illegal) user (?P<user>.*) from (?P<host>\S+)(?: port (?P<port>\d{1,5}))?", re.DOTALL
)
_ENDED = re.compile(
    r"(?:Connection (?:closed|reset) by|Disconnected from|Disconnecting) (?P<how>invalid|authenticating) user "
    r"(?P<user>.*) (?P<host>\S+) port (?P<port>\d{1,5})(?:: Too many authentication failures)?",
    re.DOTALL,
)
_RENAMED = re.compile(r" (?P<host>\S+) port (?P<port>\d{1,5})(?=: Change of username or service not allowed: )")
_EXCEEDED = re.compile(
    r"maximum authentication attempts exceeded for (?P<unknown>invalid user )?"
    r"(?P<user>.*) from (?P<host>\S+) port (?P<port>\d{1,5})(?: ssh[12])?",
    re.DOTALL,
)
_DENIED = re.compile(r"User (?P<user>.*) from (?P<host>\S+) not allowed because [a-zA-Z' ]+")
_ROOT_REFUSED = re.compile(r"ROOT LOGIN REFUSED FROM (?P<host>\S+)(?: port (?P<port>\d{1,5}))?")
_PAM = re.compile(
    r"PAM: .*? for (?P<unknown>(?:illegal|invalid) user )?(?P<user>.*) from (?P<host>\S+)(?: via \S+)?", re.DOTALL
)
_PAM_MODULE = re.compile(r"\S+ authentication failure; .*\brhost=(?P<host>\S+)(?: +user=(?P<user>\S+))?")
_REPEATED = re.compile(r"message repeated (?P<times>\d{1,9}) times: \[ ?(?P<message>.*)\]", re.DOTALL)


def _invalid(text: str) -> Said | None:
    match = _INVALID.fullmatch(text)
    return Said(Kind.TRACE, match["user"], match["host"], int(match["port"] or 0), known=False) if match else None


def _ended(text: str) -> Said | None:
    if match := _ENDED.fullmatch(text):
        known = match["how"] == "authenticating"
        return Said(Kind.TRACE, match["user"], match["host"], int(match["port"]), known=known)
    return None


def _disconnecting(text: str) -> Said | None:
    """As :func:`_ended`, unless a change of names ends it: the other name, which follows, is free text too."""
    places = list(_RENAMED.finditer(text))
    if not places:
        return _ended(text)
    if len(places) > 1:
        return Said(Kind.TRACE, None, None)
    return _ended(text[: places[0].end()])


def _exceeded(text: str) -> Said | None:
    if match := _EXCEEDED.fullmatch(text):
        return Said(Kind.TRACE, match["user"], match["host"], int(match["port"]), known=not match["unknown"])
    return None


def _denied(text: str) -> Said | None:
    match = _DENIED.fullmatch(text)
    return Said(Kind.TRACE, match["user"], match["host"]) if match else None


def _root_refused(text: str) -> Said | None:
    match = _ROOT_REFUSED.fullmatch(text)
    return Said(Kind.TRACE, "root", match["host"], int(match["port"] or 0)) if match else None


def _pam(text: str) -> Said | None:
    if match := _PAM.fullmatch(text):
        known = not match["unknown"]
        return Said(Kind.FAILED_PAM, match["user"], match["host"], method="keyboard-interactive/pam", known=known)
    return None


def _pam_module(text: str) -> Said | None:
    if match := _PAM_MODULE.fullmatch(text):
        return Said(Kind.TRACE, match["user"], match["host"], known=True if match["user"] else None)
    return None


def _repeated(text: str) -> Said | None:
    match = _REPEATED.fullmatch(text)
    if match is None or int(match["times"]) > MAX_REPEATS or match["message"].startswith("message repeated"):
        return None
    said = parse(match["message"])
    return msgspec.structs.replace(said, times=int(match["times"])) if said else None


_BY_FIRST_WORD: dict[str, Callable[[str], Said | None]] = {
    "Accepted": _outcome,
    "Failed": _outcome,
    "Invalid": _invalid,
    "Illegal": _invalid,
    "Connection": _ended,
    "Disconnected": _ended,
    "Disconnecting": _disconnecting,
    "maximum": _exceeded,
    "User": _denied,
    "ROOT": _root_refused,
    "PAM:": _pam,
    "pam_unix(sshd:auth):": _pam_module,
    "pam_sss(sshd:auth):": _pam_module,
    "pam_ldap(sshd:auth):": _pam_module,
    "pam_winbind(sshd:auth):": _pam_module,
    "message": _repeated,
}
