"""Logs: JSON lines of ids, codes and counts; never tokens, captions, handles or bodies."""

import logging

from aws_lambda_powertools import Logger


def logger(name: str) -> Logger:
    """The function's logger, which the core's loggers share; httpx's request lines, which hold URLs, stay out."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    found = Logger(service=name)
    core = logging.getLogger("punctual")
    core.handlers = found.handlers
    core.setLevel(found.log_level)
    core.propagate = False
    return found
