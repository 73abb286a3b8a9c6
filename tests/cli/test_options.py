# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

from terminal import Run

from nacre.cli.options import examples


def test_one_example_is_not_announced_as_several() -> None:
    """
    The line above the examples is read by people.
    """
    assert examples("nacre audit").startswith("Example:\n")
    assert examples("nacre audit", "nacre audit --json").startswith("Examples:\n")


def test_the_settings_come_from_an_option_or_from_the_environment(run: Run, tmp_path: Path) -> None:
    """
    An administrator who exports NACRE_CONFIG once asks the same rules as the service.
    """
    config = tmp_path / "nacre.yml"
    config.write_text("server: {workers: 3}")

    shown = run("config", "show", "--json", "--config", config)

    assert shown.json["settings"]["server"]["workers"] == 3


def test_a_data_directory_that_is_a_file_is_refused(run: Run, tmp_path: Path) -> None:
    """
    Otherwise the error comes from somewhere below and names a path that nobody typed.
    """
    file = tmp_path / "file"
    file.write_text("")

    ran = run("audit", "--data-dir", file)

    assert ran.code == 2
    assert "--data-dir" in ran.err
