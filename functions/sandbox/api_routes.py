"""The network's API; app.py describes it."""

import json
import re
from typing import Any, NoReturn, TypeVar

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox import accounts, containers, grants, posts, protections, publishing
from sandbox.errors import Refusal, unauthorized
from sandbox.network import Call

_CHOSEN_ID = re.compile(r"[a-z0-9-]{8,64}")
_MOST = 1000

Asked = TypeVar("Asked", bound=BaseModel)

router = APIGatewayHttpRouter()


class Search(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    text: str
    since: str = Field(default="0", min_length=1)


class Body(BaseModel):
    """What every call that makes something sends."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    text: str
    protection: protections.Name


@router.get("/sandbox/api/me")
def me() -> Response[str]:
    account = _holder().account
    url = f"{_call().base}?account={account.handle}"
    return _json({"id": account.id, "handle": account.handle, "url": url, "max_text": posts.MAX_TEXT})


@router.post("/sandbox/api/posts")
def create() -> Response[str]:
    body = _read(Body)
    protection: protections.Protection | None = protections.BY_TEXT.get(body.protection)
    if body.protection == "key":
        protection = protections.ByKey(_header("Idempotency-Key") or _wrong("key_required"))
    if protection is None:
        raise Refusal(400, "wrong_route", "Posts under this class of protection are made elsewhere.")
    return _publish(body, protection, hidden=body.protection == "none")


@router.put("/sandbox/api/posts/<post_id>")
def put(post_id: str) -> Response[str]:
    body = _read(Body)
    if body.protection != "chosen_id" or not _CHOSEN_ID.fullmatch(post_id):
        _wrong("bad_id")
    return _publish(body, protections.ByChosenId(), post_id=post_id)


@router.get("/sandbox/api/posts/<post_id>")
def get(post_id: str) -> Response[str]:
    account_id = _holder().account.id
    found = posts.landed(_call().table, post_id, _call().now())
    if not found or found.account_id != account_id:
        raise Refusal(404, "no_such_post", "There is no such post of yours.")
    return _json(found.shown(_call().base))


@router.post("/sandbox/api/search")
def search() -> Response[str]:
    call, holder, asked = _call(), _holder(), _read(Search)
    publishing.look(call, holder, asked.text, _header("Sandbox-Play"))
    found = posts.search(call.table, holder.account.id, text=asked.text, since=asked.since, at=call.now())
    return _json({"posts": [post.shown(call.base) for post in found]})


@router.post("/sandbox/api/containers")
def create_container() -> Response[str]:
    body = _read(Body)
    made = publishing.prepare(_call(), _holder(), body.text, _header("Sandbox-Play"))
    return _json({"id": made.id, "status": "ready"}, 201)


@router.get("/sandbox/api/containers/<container_id>")
def get_container(container_id: str) -> Response[str]:
    call, holder = _call(), _holder()
    container = containers.get(call.table, container_id, holder.account.id, call.now())
    publishing.look(call, holder, container.text, _header("Sandbox-Play"))
    post = containers.publication(call.table, container, call.now())
    shown = {"status": "published", "post": post.shown(call.base)} if post else {"status": "ready"}
    return _json({"id": container.id, **shown})


@router.post("/sandbox/api/containers/<container_id>/publish")
def publish_container(container_id: str) -> Response[str]:
    post = publishing.publish_container(_call(), _holder(), container_id, _header("Sandbox-Play"))
    return _json(post.shown(_call().base), 201)


@router.get("/sandbox/api/timeline")
def timeline() -> Response[str]:
    call, asked = _call(), _asked()
    account_id = accounts.id_of(asked["account"]) if asked.get("account") else ""
    given = asked.get("limit", "50")
    limit = min(int(given), _MOST) if given.isascii() and given.isdigit() and int(given) else _wrong("bad_limit")
    found = posts.timeline(call.table, account_id=account_id, limit=limit, at=call.now())
    return _json({"posts": [post.shown(call.base) for post in found]})


def _publish(body: Body, protection: protections.Protection, **more: Any) -> Response[str]:
    holder = _holder()
    play = _header("Sandbox-Play")
    draft = publishing.Draft(holder=holder, text=body.text, protection=protection, play=play, **more)
    post, made = publishing.publish(_call(), draft)
    return _json(post.shown(_call().base), 201 if made else 200)


def _call() -> Call:
    found: Call = router.context["call"]
    return found


def _holder() -> grants.Holder:
    scheme, _, token = _header("Authorization").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("invalid_token", "An access token is needed.")
    return grants.holder(_call().table, token, _call().now())


def _read(model: type[Asked]) -> Asked:
    try:
        return model.model_validate_json(router.current_event.decoded_body or "")
    except ValidationError:
        _wrong("invalid_request")


def _header(name: str) -> str:
    return str(router.current_event.headers.get(name.lower()) or "")


def _asked() -> dict[str, str]:
    return dict(router.current_event.query_string_parameters or {})


def _wrong(code: str) -> NoReturn:
    raise Refusal(400, code, "The request is not one that this network knows.")


def _json(answer: dict[str, Any], status: int = 200) -> Response[str]:
    return Response(status, "application/json", json.dumps(answer))
