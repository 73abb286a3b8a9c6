# SPDX-License-Identifier: Apache-2.0
"""A study as files."""

from __future__ import annotations

from pathlib import Path

import msgspec

from evaluation.traffic.clients import CLIENTS
from evaluation.traffic.internet import COUNTRIES, texts
from evaluation.traffic.rows import ATTACK_KINDS, PROTOCOLS, USER_KINDS, Rows, mix
from evaluation.traffic.simulate import Study

_PIECE = 50_000


class Event(msgspec.Struct, gc=False):
    """
    A login as nacre sees it.

    Attributes:
        request_id: Names it.
        ts: Unix seconds.
        client_ip: IPv4 or IPv6.
        username: As it was given.
        known_user: Whether there is such an account.
        password_token: The same text means the same password.
        success: Whether the backend accepted it.
        protocol: imap, smtp, pop3, http or ssh.
        user_agent: Client string.
        country, asn: Of the address.
    """

    request_id: str
    ts: float
    client_ip: str
    username: str
    known_user: bool
    password_token: str
    success: bool
    protocol: str
    user_agent: str
    country: str
    asn: int


def write(study: Study, folder: Path) -> None:
    """Write events.jsonl, truth.csv and feedback.jsonl; the same study gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, encoder = study.rows, msgspec.json.Encoder()
    ids = [f"{number:016x}" for number in mix(study.world.people.seed, 140, range(len(rows))).tolist()]
    with (folder / "events.jsonl").open("wb") as file:
        for start in range(0, len(rows), _PIECE):
            piece = slice(start, start + _PIECE)
            file.write(encoder.encode_lines(events_of(study, rows[piece], ids[piece])))
    hits = (rows["attack"] & rows["success"]).tolist()
    with (folder / "truth.csv").open("w", encoding="utf-8") as file:
        file.write("request_id,is_attack,kind,campaign,user_kind,hit\n")
        for request_id, attack, kind, number, user, hit in zip(
            ids,
            rows["attack"].tolist(),
            rows["kind"].tolist(),
            rows["campaign"].tolist(),
            rows["user_kind"].tolist(),
            hits,
            strict=True,
        ):
            file.write(f"{request_id},{attack:d},{ATTACK_KINDS[kind]},{number or ''},{USER_KINDS[user]},{hit:d}\n")
    with (folder / "feedback.jsonl").open("wb") as file:
        told = [each._asdict() for each in study.told]
        file.write(encoder.encode_lines([{"request_id": ids[each.pop("row")], **each} for each in told]))


def events_of(study: Study, rows: Rows, ids: list[str]) -> list[Event]:
    """Return some rows of a study as nacre sees them, under these request ids."""
    people, internet = study.world.people, study.world.net
    tokens = mix(people.seed, 141, rows["token"]).tolist()
    columns = (
        ids,
        rows["ts"].tolist(),
        texts(rows["hi"], rows["lo"]),
        [people.names[number] for number in rows["account"].tolist()],
        (rows["account"] < people.known).tolist(),
        [f"{number:016x}" for number in tokens],
        rows["success"].tolist(),
        [PROTOCOLS[number] for number in rows["protocol"].tolist()],
        [CLIENTS[number] for number in rows["client"].tolist()],
        [COUNTRIES[number] for number in internet.country[rows["provider"]].tolist()],
        internet.asn[rows["provider"]].tolist(),
    )
    return [Event(*values) for values in zip(*columns, strict=True)]
