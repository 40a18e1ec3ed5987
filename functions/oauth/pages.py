"""The pages that a person sees: what was connected, what to choose, what went wrong."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler import Response
from jinja2 import Environment, FileSystemLoader

from punctual.clock import to_text
from punctual.connecting import Ending
from punctual.departures import Departure
from punctual.problems import Problem

SECRET_PAGE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_SHOWN = {
    **SECRET_PAGE,
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)


def shown(status: int, html: str) -> Response[str]:
    return Response(status_code=status, content_type="text/html; charset=utf-8", body=html, headers=dict(_SHOWN))


def page(template: str, **given: Any) -> str:
    return _templates().get_template(f"{template}.html").render(**given)


def ending_page(ending: Ending) -> str:
    if ending.error:
        return page("page", title="Not connected", message=ending.message, code=ending.error)
    if not ending.channels:
        return page("page", title="Almost connected", message=ending.message)
    accounts = [channel.account for channel in ending.channels]
    return page(
        "page", title="Connected", message="You can close this page.", accounts=accounts, provider=ending.provider
    )


def departure_page(departure: Departure) -> str:
    if departure.done_at is None:
        message = "What is held of this account is being deleted. Look again in a minute."
        return page("page", title="Being deleted", message=message, code=departure.code)
    message = f"Nothing is held of this account's connection any more, since {to_text(departure.done_at)}."
    return page("page", title="Deleted", message=message, code=departure.code)


def choosing_page(provider: str, ending: Ending, state: str) -> str:
    """Its form goes to `accounts` beside the callback."""
    return page("choosing", provider=provider, offered=ending.offered, message=ending.message, state=state)


def onward_page(url: str) -> str:
    """Instead of a redirect: browsers hold those that answer a form to the page's form-action, wherever they lead."""
    return page("onward", url=url, host=urlsplit(url).hostname or url)


def problem_page(problem: Problem) -> str:
    return page("page", title="This did not work", message=problem.detail, code=problem.code)
