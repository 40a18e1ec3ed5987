"""The network's API; app.py describes it."""

import json
import re
from typing import Any, NoReturn, TypeVar

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from punctual.meta import signed_requests
from sandbox import accounts, clients, containers, grants, limits, posts, protections, publishing
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
    in_reply_to: str | None = None

    def wants(self, post: posts.Post) -> bool:
        return "in_reply_to" not in self.model_fields_set or post.in_reply_to == self.in_reply_to


class Body(BaseModel):
    """What every call that makes something sends."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    text: str
    protection: protections.Name
    in_reply_to: str | None = Field(default=None, max_length=100)


class ContainerBody(Body):
    processing_seconds: int = Field(default=0, ge=0, le=3600)


class AppBody(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    redirect_uri: str = Field(pattern="^https?://", max_length=2000)


class NoticeBody(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    client_id: str
    client_secret: str
    handle: str


@router.post("/sandbox/api/apps")
def register() -> Response[str]:
    return _json(clients.register(_call().table, _read(AppBody).redirect_uri, _call().now()), 201)


@router.post("/sandbox/api/notices")
def notice() -> Response[str]:
    asked, call = _read(NoticeBody), _call()
    clients.authenticated(call.table, {"client_id": asked.client_id, "client_secret": asked.client_secret})
    payload = {"user_id": accounts.typed(asked.handle).id, "issued_at": int(call.now().timestamp())}
    return _json({"signed_request": signed_requests.signed(payload, asked.client_secret)}, 201)


@router.get("/sandbox/api/me")
def me() -> Response[str]:
    holder = _holder()
    facts = {"max_text": posts.MAX_TEXT, "daily_posts": holder.daily_posts}
    return _json({**_shown(holder.account), **facts, "teams": [_shown(team) for team in holder.teams]})


def _shown(account: accounts.Account) -> dict[str, str]:
    return {"id": account.id, "handle": account.handle, "url": f"{_call().base}?account={account.handle}"}


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
    call, holder = _call(), _holder()
    found = posts.get(call.table, post_id)
    if not found or found.account_id != holder.account.id or not (found.in_job or found.has_landed(call.now())):
        raise Refusal(404, "no_such_post", "There is no such post of yours.")
    return _post(found)


@router.get("/sandbox/api/jobs/<job>")
def get_job(job: str) -> Response[str]:
    call, holder = _call(), _holder()
    post = posts.of_job(call.table, job)
    if not post or post.account_id != holder.account.id:
        raise Refusal(404, "no_such_job", "There is no such job of yours.")
    publishing.look(call, holder, post.text, _header("Sandbox-Play"))
    if post.has_landed(call.now()):
        return _json({"id": job, "status": "published", "post": post.shown(call.base)})
    return _waiting({"id": job, "status": "publishing"}, until=post.visible_from)


@router.post("/sandbox/api/search")
def search() -> Response[str]:
    call, holder, asked = _call(), _holder(), _read(Search)
    publishing.look(call, holder, asked.text, _header("Sandbox-Play"))
    found = posts.search(call.table, holder.account.id, text=asked.text, since=asked.since, at=call.now())
    return _json({"posts": [post.shown(call.base) for post in found if asked.wants(post)]})


@router.post("/sandbox/api/containers")
def create_container() -> Response[str]:
    holder, body = _maker(), _read(ContainerBody)
    made = publishing.prepare(
        _call(),
        holder,
        body.text,
        _header("Sandbox-Play"),
        in_reply_to=body.in_reply_to,
        processing_seconds=body.processing_seconds,
    )
    return _container(made, 201)


@router.get("/sandbox/api/containers/<container_id>")
def get_container(container_id: str) -> Response[str]:
    call, holder = _call(), _holder()
    container = containers.get(call.table, container_id, holder.account.id, call.now())
    publishing.look(call, holder, container.text, _header("Sandbox-Play"))
    return _container(container)


@router.post("/sandbox/api/containers/<container_id>/publish")
def publish_container(container_id: str) -> Response[str]:
    return _post(publishing.publish_container(_call(), _maker(), container_id, _header("Sandbox-Play")), 201)


@router.get("/sandbox/api/timeline")
def timeline() -> Response[str]:
    call, asked = _call(), _asked()
    account_id = accounts.id_of(asked["account"]) if asked.get("account") else ""
    given = asked.get("limit", "50")
    limit = min(int(given), _MOST) if given.isascii() and given.isdigit() and int(given) else _wrong("bad_limit")
    found = posts.timeline(call.table, account_id=account_id, limit=limit, at=call.now())
    return _json({"posts": [post.shown(call.base) for post in found]})


def _publish(body: Body, protection: protections.Protection, **more: Any) -> Response[str]:
    draft = publishing.Draft(
        holder=_maker(),
        text=body.text,
        in_reply_to=body.in_reply_to,
        protection=protection,
        play=_header("Sandbox-Play"),
        **more,
    )
    post, made = publishing.publish(_call(), draft)
    return _post(post, 201 if made else 200)


def _post(post: posts.Post, status: int = 200) -> Response[str]:
    call = _call()
    if post.in_job and not post.has_landed(call.now()):
        return _waiting({"status": "publishing", "job": post.job}, 202, until=post.visible_from)
    return _json(post.shown(call.base), status)


def _container(container: containers.Container, status: int = 200) -> Response[str]:
    call = _call()
    post = containers.publication(call.table, container)
    if post and post.has_landed(call.now()):
        return _json({"id": container.id, "status": "published", "post": post.shown(call.base)}, status)
    if post and post.in_job:
        return _waiting({"id": container.id, "status": "publishing"}, status, until=post.visible_from)
    if call.seconds_until(container.ready_at):
        return _waiting({"id": container.id, "status": "processing"}, status, until=container.ready_at)
    return _json({"id": container.id, "status": "ready"}, status)


def _waiting(answer: dict[str, Any], status: int = 200, *, until: str) -> Response[str]:
    _call().headers["Retry-After"] = str(_call().seconds_until(until))
    return _json(answer, status)


def _call() -> Call:
    found: Call = router.context["call"]
    return found


def _holder() -> grants.Holder:
    scheme, _, token = _header("Authorization").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("invalid_token", "An access token is needed.")
    holder = grants.holder(_call().table, token, _call().now())
    named = _header("Sandbox-Account")
    return holder.acting_as(named) if named else holder


def _maker() -> grants.Holder:
    """Whoever makes something, if the account is not limited."""
    holder = _holder()
    limits.check(_call(), holder)
    return holder


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
    return Response(status, "application/json", json.dumps(answer), _call().headers)
