import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class LocalError(RuntimeError):
    """Something on this computer stands in the way; the message tells the person what to do."""


def exit_on_problem(main: Callable[P, R]) -> Callable[P, R]:
    """A program's outermost function: problems become a sentence, Ctrl-C becomes silence."""

    @functools.wraps(main)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return main(*args, **kwargs)
        except LocalError as error:
            sys.exit(f"\n{error}")
        except KeyboardInterrupt:
            sys.exit(130)

    return wrapped
