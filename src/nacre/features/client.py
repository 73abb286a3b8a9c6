# SPDX-License-Identifier: Apache-2.0
"""
Families of client programs: what is left of a client string when its details are taken away.

Whether an account ever signed in with such a client is a feature, so the name has to stay the same from one
patch release to the next, and to differ between programs.  Client strings come from strangers: they are cut,
split at blanks once and looked up word by word, so that no string takes longer than its length.
"""

from __future__ import annotations

MAX_LOOKED_AT = 512
"""Characters of a client string that are looked at; real ones are shorter."""

MAX_FAMILY = 40
"""Characters of a family, its major version included."""

_MAX_NAME = 32
_MAX_MAJOR = 4
"""Digits of a major version; longer numbers are dates and builds."""

_WORDS = 40

_PRODUCTS = {
    **dict.fromkeys(("mozilla", "gecko", "applewebkit", "mobile"), (0, "")),
    "safari": (1, "safari"),
    "version": (2, "safari"),
    "chrome": (3, "chrome"),
    "chromium": (3, "chrome"),
    "firefox": (3, "firefox"),
    "trident": (3, "internet explorer"),
    "crios": (4, "chrome"),
    "headlesschrome": (4, "headlesschrome"),
    "fxios": (4, "firefox"),
    "edg": (4, "edge"),
    "edge": (4, "edge"),
    "edga": (4, "edge"),
    "edgios": (4, "edge"),
    "opr": (4, "opera"),
    "opera": (4, "opera"),
    "samsungbrowser": (4, "samsungbrowser"),
    "vivaldi": (4, "vivaldi"),
    "yabrowser": (4, "yabrowser"),
    "seamonkey": (4, "seamonkey"),
    "thunderbird": (4, "thunderbird"),
    "betterbird": (5, "betterbird"),
}
"""Products in a browser's string: the highest rank says what it is, the others what it is compatible with."""

_UNLISTED = (-1, "")
_BROWSER = 3
"""Rank of the browsers that others claim to be."""

_NAMES = {
    "iphone mail": "iphone mail",
    "ipad mail": "ipad mail",
    "apple mail": "apple mail",
    "mac os x mail": "apple mail",
    "apple-iphone": "iphone mail",
    "apple-ipad": "ipad mail",
    "k-9 mail": "k-9 mail",
    "android mail": "android mail",
    "android-mail": "android mail",
    "outlook-ios": "outlook mobile",
    "outlook-android": "outlook mobile",
    "windows mail": "windows mail",
    "microsoft office": "microsoft office",
    "microsoft outlook": "outlook",
    "outlook express": "outlook express",
    "claws mail": "claws mail",
    "em client": "em client",
    "the bat!": "the bat!",
}
"""Names that a string begins with and that are no single word, and those with another name."""

_UNNUMBERED = frozenset({"iphone mail", "ipad mail", "outlook mobile"})
"""Programs whose numbers are builds or devices."""

_FIRST_WORDS = frozenset(name.split(" ", 1)[0].partition("-")[0] for name in _NAMES)


def client_family(user_agent: str) -> str:
    """
    Return the family and the major version of a client string.

    Unknown programs keep their first word and its major version; the empty string stands for an unknown client.

    Args:
        user_agent: A browser's User-Agent, the name in an IMAP ID, an SSH banner; whatever the caller has.

    Returns:
        At most :data:`MAX_FAMILY` characters of printable ASCII, in small letters.

    >>> client_family("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    'firefox 128'
    >>> client_family("Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML) Chrome/126.0.0.0 Safari/537.36 Edg/126.0")
    'edge 126'
    >>> client_family("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.12.2")
    'thunderbird 115'
    >>> client_family("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)")
    'outlook 16'
    >>> [client_family(text) for text in ("python-requests/2.32.3", "curl/8.5.0", "dovecot", "SSH-2.0-OpenSSH_9.6p1")]
    ['python-requests 2', 'curl 8', 'dovecot', 'openssh 9']
    >>> [client_family(text) for text in ("iPhone Mail (21F90)", "Apple-iPhone14C5/2105.90", "K-9 Mail 6.804", "")]
    ['iphone mail', 'iphone mail', 'k-9 mail 6', '']
    """
    if not user_agent:
        return ""
    text = user_agent[:MAX_LOOKED_AT].lower()
    if text.startswith("mozilla/"):
        return _browser(text)
    if text.startswith("ssh-"):
        text = text.split("-", 2)[-1].replace("_", "/", 1)
    words = text.split(None, _WORDS)
    if not words:
        return ""
    if words[0].partition("-")[0] in _FIRST_WORDS:
        known = _known(text)
        if known:
            return known
    name, _, version = words[0].partition("/")
    if not version and len(words) > 1:
        version = words[1]
    return _family(name, version)


def _browser(text: str) -> str:
    """Return the family of a string that begins as all browsers' do."""
    best, family, version = 0, "", ""
    other = ("mozilla", text[8:12])
    for word in text.split(None, _WORDS):
        name, slash, number = word.partition("/")
        if not slash:
            continue
        rank, product = _PRODUCTS.get(name, _UNLISTED)
        if rank > best:
            best, family, version = rank, product, number
        elif rank < 0 and number[:1].isdigit():
            other = (name, number)
    if best <= _BROWSER and "msie " in text:
        return _family("internet explorer", text.partition("msie ")[2])
    if not best:
        return _family(*other)
    return _family(family, "11" if version.startswith("7.0") and family == "internet explorer" else version)


def _known(text: str) -> str:
    """Return the family of a string that begins with one of :data:`_NAMES`, else ``""``."""
    for given, name in _NAMES.items():
        if text.startswith(given):
            if name == "microsoft office":
                _, found, version = text.partition("microsoft outlook ")
                if found:
                    return _family("outlook", version)
            if name in _UNNUMBERED:
                return name
            return _family(name, text[len(given) :].lstrip(" /"))
    return ""


def _family(name: str, version: str) -> str:
    """Return a name with the leading digits of a version, both cut and clean."""
    name = name[:_MAX_NAME].strip("()[]{}<>\"',;:")
    if not (name.isascii() and name.isprintable()):
        name = "".join(letter for letter in name if letter.isascii() and letter.isprintable())
    major = version.lstrip("v")[: _MAX_MAJOR + 1].partition(".")[0]
    while major and not (major.isdecimal() and major.isascii()):
        major = major[:-1]
    return f"{name or 'other'} {major}" if 0 < len(major) <= _MAX_MAJOR else name or "other"
