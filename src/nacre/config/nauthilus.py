# SPDX-License-Identifier: Apache-2.0
"""
What a file of Nauthilus has in another place than we do.

Its ``brute_force`` section is ours, name for name; other spellings of single settings stand in the
tree.  Version 3 moved the section below ``auth.controls`` and the list of protocols into it.
"""

from __future__ import annotations

from nacre.config.document import Raw
from nacre.config.shapes import Unusable


def adapt(document: dict[str, Raw]) -> dict[str, Raw]:
    """
    Return the document with everything in our place.

    Raises:
        Unusable: the section stands where version 3 has it, or its protocols stand twice.

    >>> adapt({"brute_force": {"protocols": ["imap"], "buckets": []}})
    {'brute_force': {'buckets': []}, 'server': {'brute_force_protocols': ['imap']}}
    >>> adapt({"experimental_ml": False})
    {'brute_force': {'neural_network': {'enabled': False}}}
    """
    document = _with_switch(document)
    auth, rules, server = (document.get(name) or {} for name in ("auth", "brute_force", "server"))
    if isinstance(auth, dict) and "controls" in auth:
        raise Unusable(
            "auth.controls",
            "Nauthilus 3 keeps its rules at `auth.controls.brute_force`; "
            "move that section to the left margin, as `brute_force`, and leave the others out",
        )
    if not (isinstance(rules, dict) and isinstance(server, dict) and "protocols" in rules):
        return document
    if server.get("brute_force_protocols") is not None:
        raise Unusable(
            "brute_force.protocols",
            "`brute_force.protocols` and `server.brute_force_protocols` are one setting; keep one of them",
        )
    return document | {
        "brute_force": {name: value for name, value in rules.items() if name != "protocols"},
        "server": server | {"brute_force_protocols": rules["protocols"]},
    }


def _with_switch(document: dict[str, Raw]) -> dict[str, Raw]:
    """Return the document with the switch of the network where the network is; what stands there already holds."""
    rules = document.get("brute_force") or {}
    network = rules.get("neural_network") or {} if isinstance(rules, dict) else None
    if "experimental_ml" not in document or not isinstance(rules, dict) or not isinstance(network, dict):
        return document
    switch = {} if network.keys() & {"enabled", "experimental_ml"} else {"enabled": document["experimental_ml"]}
    rest = {name: value for name, value in document.items() if name != "experimental_ml"}
    return rest | {"brute_force": rules | {"neural_network": network | switch}}
