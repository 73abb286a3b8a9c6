# SPDX-License-Identifier: Apache-2.0
"""`nacre decisions` and `nacre audit`."""

from __future__ import annotations

from terminal import Run

ERIKA = ("--client-ip", "192.0.2.7", "--username", "Erika")


def test_a_decision_is_explained_by_another_process(run: Run, guess: Run) -> None:
    """
    The question why comes later, and from somebody else.
    """
    guess(times=9)
    run("check", *ERIKA, "--protocol", "imap", "--request-id", "r1")
    run("report", "r1", "--failure")

    ran = run("decisions", "show", "r1")

    assert ran.code == 0
    lines = [line.strip() for line in ran.out.splitlines()]
    assert lines[0] == "action   allow"
    assert "username: Erika" in lines
    assert "account: erika" in lines
    assert any("address: 9" in line for line in lines)
    assert lines[-1].startswith("outcome  rejected at ")


def test_a_decision_tells_what_the_network_said_and_what_the_rules_alone_would_have_done(run: Run) -> None:
    """
    Both scores and their model; the rules are named only where the network changed what they say.
    """
    run("check", *ERIKA, "--request-id", "r1", "--additional-feature", "device=mobile")

    kept = run("decisions", "show", "r1", "--json").json["decision"]
    lines = [line.strip() for line in run("decisions", "show", "r1").out.splitlines()]

    assert f"score    guess {kept['score']:.3f}, accept {kept['score_accept']:.3f}" in lines
    assert "model    shipped" in lines
    assert "features: device=mobile" in lines
    assert not any(line.startswith("rules alone") for line in lines)


def test_an_outcome_that_nobody_told_is_called_so(run: Run) -> None:
    """
    Missing reports are the first thing to look for when counts seem wrong.
    """
    run("check", *ERIKA, "--request-id", "r1")

    assert run("decisions", "show", "r1").out.endswith("outcome  not reported yet\n")
    assert run("decisions", "show", "r1", "--json").json["success"] is None


def test_a_decision_that_is_not_kept_is_told_from_a_mistake(run: Run) -> None:
    """
    Decisions are kept for a day.
    """
    ran = run("decisions", "show", "r1")

    assert (ran.code, ran.out) == (1, "")
    assert "'r1'" in ran.err


def test_a_hostile_user_agent_does_not_reach_the_terminal(run: Run) -> None:
    """
    Everything in a decision but its id comes from whoever tried to sign in.
    """
    run("check", *ERIKA, "--user-agent", "\x1b[2Jclean", "--request-id", "r1")

    assert r"\x1b[2Jclean" in run("decisions", "show", "r1").out
    assert "\x1b" not in run("decisions", "show", "r1", "--json").out


def test_the_audit_log_lists_the_newest_change_first(run: Run) -> None:
    """
    Whoever looks wants to know what was done just now.
    """
    run("tolerations", "set", "10.0.0.0/8", "--percent", 10)
    run("tolerations", "delete", "10.0.0.0/8")

    ran = run("audit")
    newest = run("audit", "--count", 1, "--json").json["entries"]

    assert [line.split()[3] for line in ran.out.splitlines()[1:]] == ["tolerations.delete", "tolerations.set"]
    assert [entry["action"] for entry in newest] == ["tolerations.delete"]


def test_an_empty_audit_log_is_no_error(run: Run) -> None:
    """
    The note is for people; a program gets an empty list.
    """
    assert run("audit").err == "Nobody has changed anything yet.\n"
    assert run("audit", "--json").json == {"entries": []}
