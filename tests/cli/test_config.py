# SPDX-License-Identifier: Apache-2.0
"""`nacre config`."""

from __future__ import annotations

from pathlib import Path

import pytest
from terminal import Run

from nacre.config.load import parse_settings
from nacre.config.tree import Settings

pytestmark = pytest.mark.usefixtures("embedded")  # the environment changes nothing


def test_a_file_is_explained_with_warnings_first(run: Run, tmp_path: Path) -> None:
    """
    What looks like an oversight is read even by those who stop after a line.
    """
    file = tmp_path / "nacre.yml"
    file.write_text("brute_force: {ip_whitelist: [0.0.0.0/0]}")

    ran = run("config", "check", file)
    document = run("config", "check", file, "--json").json

    first, *others = ran.out.splitlines()
    assert ran.code == 0
    assert first == f"Warning: {document['warnings'][0]}"
    assert others[-len(document["explained"]) :] == document["explained"]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("brute_force: {tolerate_percnt: 10}", "`tolerate_percent`"),
        ("server: {workers: many}", "server.workers"),
        (": : :", "nacre.yml"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_sentence(run: Run, tmp_path: Path, content: str, named: str) -> None:
    """
    It names the file and what to do, and the code stops a deployment.
    """
    file = tmp_path / "nacre.yml"
    file.write_text(content)

    ran = run("config", "check", file)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"nacre: {file}: ")
    assert named in ran.err
    assert ran.err.count("\n") == 1


def test_a_variable_that_spoils_a_good_file_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The service would read it as well.
    """
    file = tmp_path / "nacre.yml"
    file.write_text("")
    monkeypatch.setenv("NACRE_SERVER__WORKERS", "none")

    ran = run("config", "check", file)

    assert ran.code == 2
    assert "NACRE_SERVER__WORKERS" in ran.err


def test_the_example_is_a_file_of_defaults(run: Run) -> None:
    """
    Redirected into a file it changes nothing until it is edited.
    """
    assert parse_settings(run("config", "example").out) == Settings()
    assert parse_settings(run("config", "example", "--json").out) == Settings()


def test_what_is_shown_is_what_would_be_served(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    File and environment together, in a form that loads again.
    """
    file = tmp_path / "nacre.yml"
    file.write_text("server: {workers: 3}\nauth: {api_keys: [{name: dovecot, sha256: " + "ab" * 32 + "}]}")
    monkeypatch.setenv("NACRE_BRUTE_FORCE__TOLERATE_PERCENT", "7")

    shown = parse_settings(run("config", "show", "--config", file).out)
    document = run("config", "show", "--config", file, "--json").json

    monkeypatch.delenv("NACRE_BRUTE_FORCE__TOLERATE_PERCENT")
    assert (shown.server.workers, shown.brute_force.tolerate_percent) == (3, 7)
    assert shown.auth.api_keys[0].name == "dovecot"
    assert document["settings"]["brute_force"]["tolerate_percent"] == 7
    assert any("3 worker" in sentence for sentence in document["explained"])
