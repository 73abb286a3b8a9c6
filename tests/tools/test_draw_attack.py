# SPDX-License-Identifier: Apache-2.0
"""The picture of an attack, drawn from a small one."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tools.draw_attack import main

SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_has_a_bar_for_each_count_and_the_figures_say_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    A picture in a guide that nobody could draw again would be a claim.
    """
    path = tmp_path / "attack.svg"

    main(path, pairs=400)

    picture = ET.parse(path).getroot()  # noqa: S314  we wrote it
    told = [title.text or "" for title in picture.iter(f"{SVG}title")]
    counts = [line.partition(": ")[2].split() for line in told if line.startswith("minute ")]
    through = sum(int(count) for count, what in counts if what == "through")
    assert sum(int(count) for count, _ in counts) == 400
    assert f"let through: {through} of 400" in capsys.readouterr().out
    assert "prefers-color-scheme: dark" in (picture.findtext(f"{SVG}style") or "")
