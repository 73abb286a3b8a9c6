# SPDX-License-Identifier: Apache-2.0
"""Operational logs: JSON lines on standard error, or coloured text on a terminal."""

from __future__ import annotations

import logging
import sys

import structlog

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

# Tracebacks without the values of local variables: there are passwords among them.
_PRETTY = (structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),)
_JSON = (structlog.processors.format_exc_info, structlog.processors.JSONRenderer())


def configure_logs(level: str) -> None:
    """
    Send operational logs to standard error.

    Args:
        level: Least level that is logged, a key of :data:`LEVELS`.
    """
    on_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(_PRETTY if on_terminal else _JSON),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # below, it says what callers do wrong
    logging.basicConfig(stream=sys.stderr, level=max(LEVELS[level], logging.WARNING), format="%(message)s")
