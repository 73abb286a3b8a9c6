# SPDX-License-Identifier: Apache-2.0
"""What scripts ask servers."""

from __future__ import annotations

from nacre.hooks.library.question import Question, WebError


def test_a_question_needs_a_method_a_place_and_a_time() -> None:
    """
    Whatever else it may carry is empty, and a failure is one of input and output as others are.
    """
    question = Question("GET", "http://192.0.2.1/", 5.0)

    assert (dict(question.headers), question.body, question.auth, dict(question.cookies)) == ({}, None, None, {})
    assert issubclass(WebError, OSError)
