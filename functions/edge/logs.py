"""Logs: JSON lines of ids, codes and counts; never tokens, captions, handles or bodies."""

import logging

from aws_lambda_powertools import Logger

from edge.quiet import quiet_libraries


def logger(name: str) -> Logger:
    """The function's logger, which the core's loggers share."""
    quiet_libraries()
    found = Logger(service=name)
    core = logging.getLogger("punctual")
    core.handlers = found.handlers
    core.setLevel(found.log_level)
    core.propagate = False
    return found
