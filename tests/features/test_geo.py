# SPDX-License-Identifier: Apache-2.0
"""Country and autonomous system of an address, and databases that are replaced while we run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from nacre.address import parse_address
from nacre.features.geo import Places
from nacre.features.place import NOWHERE, Place

DATA = Path(__file__).parents[1] / "data" / "maxmind"
ASN, CITY, COUNTRY = (DATA / f"GeoLite2-{name}-Test.mmdb" for name in ("ASN", "City", "Country"))
BROKEN = DATA / "GeoIP2-City-Test-Invalid-Node-Count.mmdb"

LINKOPING = parse_address("89.160.20.112")
LONDON = parse_address("81.2.69.142")
DOCUMENTATION = parse_address("192.0.2.1")


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """Return a country database that a test may replace."""
    return Path(shutil.copy(COUNTRY, tmp_path / "live.mmdb"))


def replace(live: Path, content: bytes) -> None:
    """Put another file in the place of one, as updaters do."""
    fresh = live.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.rename(live)


def test_country_and_number_come_from_whichever_file_knows_them() -> None:
    """
    MaxMind sells them apart, others together.
    """
    places = Places([ASN, COUNTRY])

    assert places.lookup(LINKOPING) == Place("SE", 29518)
    assert Places([CITY]).lookup(LONDON) == Place("GB", 0)
    assert Places([ASN]).lookup(parse_address("1.128.0.1")) == Place("", 1221)
    assert [source.kind for source in places.sources] == ["GeoLite2-ASN", "GeoLite2-Country"]


def test_addresses_of_both_families_are_found_in_either_spelling() -> None:
    """
    A mapped address is unpacked when it is parsed; a database holds both families in one tree.
    """
    places = Places([COUNTRY])

    assert places.lookup(parse_address("2001:218::1")).country == "JP"
    assert places.lookup(parse_address("::ffff:89.160.20.112")).country == "SE"


@pytest.mark.parametrize("packed", [DOCUMENTATION, parse_address("::1"), parse_address("2001:db8::1"), b"", b"abc"])
def test_an_address_that_no_file_knows_is_nowhere(packed: bytes) -> None:
    """
    It is no error: most features do without.
    """
    assert Places([ASN, COUNTRY]).lookup(packed) == NOWHERE


def test_without_files_everything_is_nowhere() -> None:
    """
    Databases are optional.
    """
    assert Places([]).lookup(LONDON) == NOWHERE


def test_a_replaced_file_is_read_when_it_is_time_to_look(live: Path) -> None:
    """
    The places of addresses seen before change with it; until then the files are left alone.
    """
    places = Places([live], every=60.0)
    assert places.refresh(now=0.0) == ()
    assert places.lookup(LINKOPING) == Place("SE", 0)
    replace(live, ASN.read_bytes())

    assert places.refresh(now=59.9) == ()
    assert places.lookup(LINKOPING) == Place("SE", 0)
    (news,) = places.refresh(now=60.0)

    assert news.kind == "GeoLite2-ASN"
    assert places.lookup(LINKOPING) == Place("", 29518)
    assert places.refresh(now=120.0) == ()


@pytest.mark.parametrize("content", [BROKEN.read_bytes(), COUNTRY.read_bytes()[:9000], b"", b"no database"], ids=len)
def test_a_broken_file_leaves_the_last_good_one_in_use_and_is_told_once(live: Path, content: bytes) -> None:
    """
    A download that failed must not cost a day of places, nor fill the log.
    """
    places = Places([live], every=60.0)
    replace(live, content)

    (news,) = places.refresh(now=60.0)

    assert "no database in the MaxMind format" in news.problem
    assert news.kind == "GeoLite2-Country"
    assert places.lookup(LONDON) == Place("GB", 0)
    assert places.refresh(now=120.0) == ()
    replace(live, COUNTRY.read_bytes())
    assert [source.problem for source in places.refresh(now=180.0)] == [""]


def test_a_file_that_is_written_in_place_harms_nobody(live: Path) -> None:
    """
    A mapped file that is cut short ends the process; one half written mixes two versions.
    """
    places = Places([live], every=0.0)
    whole = ASN.read_bytes()

    with live.open("r+b") as file:
        file.truncate(100)
        while_cut = places.lookup(LONDON)
        file.write(whole[:6000])
        file.flush()
        problems = [source.problem for source in places.refresh(now=1.0)]
        while_written = places.lookup(LINKOPING)
        file.write(whole[6000:])
        file.truncate()
    os.utime(live, ns=(0, 0))
    places.refresh(now=2.0)

    assert while_cut == Place("GB", 0)
    assert problems != [""]
    assert while_written == Place("SE", 0)
    assert places.lookup(LINKOPING) == Place("", 29518)


def test_a_missing_file_is_told_and_taken_up_when_it_comes(tmp_path: Path) -> None:
    """
    The first download may take longer than the start.
    """
    path = tmp_path / "later.mmdb"
    places = Places([path], every=60.0)
    (missing,) = places.sources
    shutil.copy(COUNTRY, path)

    news = places.refresh(now=0.0)

    assert "No such file" in missing.problem
    assert [source.problem for source in news] == [""]
    assert places.lookup(LONDON).country == "GB"


def test_a_file_that_is_taken_away_stays_in_use(live: Path) -> None:
    """
    Some updaters delete before they write.
    """
    places = Places([live], every=60.0)
    live.unlink()

    (news,) = places.refresh(now=60.0)

    assert "No such file" in news.problem
    assert places.lookup(LONDON).country == "GB"


def test_systems_without_anonymous_files_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    There the slower reader in Python does the work.
    """
    monkeypatch.delattr(os, "memfd_create", raising=False)

    assert Places([COUNTRY, ASN]).lookup(LINKOPING) == Place("SE", 29518)


def test_a_replaced_file_leaves_no_open_descriptor(live: Path) -> None:
    """
    A service that runs for a year would otherwise end at its limit.
    """
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("this system does not list descriptors")
    places = Places([live], every=0.0)
    before = len(list(folder.iterdir()))

    for round_ in range(5):
        replace(live, (ASN if round_ % 2 else COUNTRY).read_bytes())
        assert places.refresh(now=float(round_))

    assert len(list(folder.iterdir())) == before
