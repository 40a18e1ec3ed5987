"""The plain pages that a person sees when there is no return URL."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Template

from punctual.connecting import Ending
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


def problem_page(problem: Problem) -> str:
    return _template().render(title="This did not work", message=problem.detail, code=problem.code, accounts=[])
