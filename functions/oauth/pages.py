"""The plain pages that a person sees when there is no return URL."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Template

from punctual.clock import to_text
from punctual.connecting import Ending
from punctual.departures import Departure
from punctual.problems import Problem


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    return Environment(loader=FileSystemLoader(folder), autoescape=True).get_template("page.html")


def ending_page(ending: Ending) -> str:
    if ending.error:
        return _template().render(title="Not connected", message=ending.message, code=ending.error, accounts=[])
    accounts = [channel.account for channel in ending.channels]
    return _template().render(
        title="Connected", message="You can close this page.", code=None, accounts=accounts, provider=ending.provider
    )


def departure_page(departure: Departure) -> str:
    if departure.done_at is None:
        message = "What is held of this account is being deleted. Look again in a minute."
        return _template().render(title="Being deleted", message=message, code=departure.code, accounts=[])
    message = f"Nothing is held of this account's connection any more, since {to_text(departure.done_at)}."
    return _template().render(title="Deleted", message=message, code=departure.code, accounts=[])


def problem_page(problem: Problem) -> str:
    return _template().render(title="This did not work", message=problem.detail, code=problem.code, accounts=[])
