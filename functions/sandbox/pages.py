"""The pages people see."""

from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from jinja2 import Environment, FileSystemLoader

from sandbox import accounts, posts
from sandbox.network import Call

_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_REFRESH_SECONDS = 5

router = APIGatewayHttpRouter()


@router.get("/sandbox")
def home() -> Response[str]:
    call: Call = router.context["call"]
    asked = router.current_event.query_string_parameters or {}
    handle = accounts.typed(asked["account"]).handle if asked.get("account") else ""
    account_id = accounts.Account(handle=handle).id if handle else ""
    shown = posts.timeline(call.table, account_id=account_id, limit=50, at=call.now())
    return _page("timeline", base=call.base, handle=handle, posts=shown, refresh=_REFRESH_SECONDS)


@router.get("/sandbox/posts/<post_id>")
def permalink(post_id: str) -> Response[str]:
    call: Call = router.context["call"]
    post = posts.landed(call.table, post_id, call.now())
    if post is None:
        return problem(404, "There is no such post.")
    return _page("post", base=call.base, post=post)


def consent(action: str, asked: dict[str, str]) -> Response[str]:
    names = ("response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")
    return _page("consent", action=action, asked={name: asked[name] for name in names if name in asked})


def problem(status: int, sentence: str) -> Response[str]:
    return _page("problem", status, sentence=sentence)


def _page(name: str, status: int = 200, **shown: Any) -> Response[str]:
    return Response(status, "text/html; charset=utf-8", _templates().get_template(f"{name}.html").render(shown), _SAFE)


@cache
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
