"""The network's API; app.py describes it."""

import re
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from punctual.meta import signed_requests
from sandbox import accounts, attaching, clients, containers, posts, protections, publishing
from sandbox.errors import Refusal
from sandbox.requests import Body, Router, wrong

_CHOSEN_ID = re.compile(r"[a-z0-9-]{8,64}")
_MOST = 1000

router = Router()


class Search(Body):
    text: str
    since: str = Field(default="0", min_length=1)
    in_reply_to: str | None = None

    def wants(self, post: posts.Post) -> bool:
        return "in_reply_to" not in self.model_fields_set or post.in_reply_to == self.in_reply_to


class PostBody(Body):
    """What every call that makes something sends."""

    text: str
    protection: protections.Name
    in_reply_to: str | None = Field(default=None, max_length=100)
    media: list[attaching.Named] = Field(default=[], max_length=attaching.MAX_FILES)


class ContainerBody(PostBody):
    processing_seconds: int = Field(default=0, ge=0, le=3600)


class AppBody(Body):
    redirect_uri: str = Field(pattern="^https?://", max_length=2000)


class NoticeBody(Body):
    client_id: str
    client_secret: str
    handle: str


@router.post("/sandbox/api/apps")
def register() -> Response[str]:
    return router.json(
        clients.register(router.call().table, router.read(AppBody).redirect_uri, router.call().now()), 201
    )


@router.post("/sandbox/api/notices")
def notice() -> Response[str]:
    asked, call = router.read(NoticeBody), router.call()
    clients.authenticated(call.table, {"client_id": asked.client_id, "client_secret": asked.client_secret})
    payload = {"user_id": accounts.typed(asked.handle).id, "issued_at": int(call.now().timestamp())}
    return router.json({"signed_request": signed_requests.signed(payload, asked.client_secret)}, 201)


@router.get("/sandbox/api/me")
def me() -> Response[str]:
    holder = router.holder()
    facts = {"max_text": posts.MAX_TEXT, "daily_posts": holder.daily_posts}
    return router.json({**_shown(holder.account), **facts, "teams": [_shown(team) for team in holder.teams]})


def _shown(account: accounts.Account) -> dict[str, str]:
    return {"id": account.id, "handle": account.handle, "url": f"{router.call().base}?account={account.handle}"}


@router.post("/sandbox/api/posts")
def create() -> Response[str]:
    body = router.read(PostBody)
    protection: protections.Protection | None = protections.BY_TEXT.get(body.protection)
    if body.protection == "key":
        protection = protections.ByKey(router.header("Idempotency-Key") or wrong("key_required"))
    if protection is None:
        raise Refusal(400, "wrong_route", "Posts under this class of protection are made elsewhere.")
    return _publish(body, protection, hidden=body.protection == "none")


@router.put("/sandbox/api/posts/<post_id>")
def put(post_id: str) -> Response[str]:
    body = router.read(PostBody)
    if body.protection != "chosen_id" or not _CHOSEN_ID.fullmatch(post_id):
        wrong("bad_id")
    return _publish(body, protections.ByChosenId(), post_id=post_id)


@router.get("/sandbox/api/posts/<post_id>")
def get(post_id: str) -> Response[str]:
    call, holder = router.call(), router.holder()
    found = posts.get(call.table, post_id)
    if not found or found.account_id != holder.account.id or not (found.in_job or found.has_landed(call.now())):
        raise Refusal(404, "no_such_post", "There is no such post of yours.")
    return _post(found)


@router.delete("/sandbox/api/posts/<post_id>")
def delete(post_id: str) -> Response[str]:
    call, holder = router.call(), router.holder()
    found = posts.landed(call.table, post_id, call.now())
    if not found or found.account_id != holder.account.id:
        raise Refusal(404, "no_such_post", "There is no such post of yours.")
    posts.remove(call.table, found)
    return router.json({"id": post_id})


@router.get("/sandbox/api/jobs/<job>")
def get_job(job: str) -> Response[str]:
    call, holder = router.call(), router.holder()
    post = posts.of_job(call.table, job)
    if not post or post.account_id != holder.account.id:
        raise Refusal(404, "no_such_job", "There is no such job of yours.")
    publishing.look(call, holder, post.text, router.header("Sandbox-Play"))
    if post.has_landed(call.now()):
        return router.json({"id": job, "status": "published", "post": post.shown(call.base)})
    return router.waiting({"id": job, "status": "publishing"}, until=post.visible_from)


@router.post("/sandbox/api/search")
def search() -> Response[str]:
    call, holder, asked = router.call(), router.holder(), router.read(Search)
    publishing.look(call, holder, asked.text, router.header("Sandbox-Play"))
    found = posts.search(call.table, holder.account.id, text=asked.text, since=asked.since, at=call.now())
    return router.json({"posts": [post.shown(call.base) for post in found if asked.wants(post)]})


@router.post("/sandbox/api/containers")
def create_container() -> Response[str]:
    body = router.read(ContainerBody)
    draft = _draft(body, protections.Unprotected())
    made = publishing.prepare(router.call(), draft, processing_seconds=body.processing_seconds)
    return _container(made, 201)


@router.get("/sandbox/api/containers/<container_id>")
def get_container(container_id: str) -> Response[str]:
    call, holder = router.call(), router.holder()
    container = containers.get(call.table, container_id, holder.account.id, call.now())
    publishing.look(call, holder, container.text, router.header("Sandbox-Play"))
    return _container(container)


@router.post("/sandbox/api/containers/<container_id>/publish")
def publish_container(container_id: str) -> Response[str]:
    return _post(
        publishing.publish_container(router.call(), router.maker(), container_id, router.header("Sandbox-Play")), 201
    )


@router.get("/sandbox/api/timeline")
def timeline() -> Response[str]:
    call, asked = router.call(), router.asked()
    account_id = accounts.id_of(asked["account"]) if asked.get("account") else ""
    given = asked.get("limit", "50")
    limit = min(int(given), _MOST) if given.isascii() and given.isdigit() and int(given) else wrong("bad_limit")
    found = posts.timeline(call.table, account_id=account_id, limit=limit, at=call.now())
    return router.json({"posts": [post.shown(call.base) for post in found]})


def _publish(body: PostBody, protection: protections.Protection, **more: Any) -> Response[str]:
    post, made = publishing.publish(router.call(), _draft(body, protection, **more))
    return _post(post, 201 if made else 200)


def _draft(body: PostBody, protection: protections.Protection, **more: Any) -> publishing.Draft:
    return publishing.Draft(
        holder=router.maker(),
        text=body.text,
        in_reply_to=body.in_reply_to,
        named=tuple(body.media),
        protection=protection,
        play=router.header("Sandbox-Play"),
        **more,
    )


def _post(post: posts.Post, status: int = 200) -> Response[str]:
    call = router.call()
    if post.in_job and not post.has_landed(call.now()):
        return router.waiting({"status": "publishing", "job": post.job}, 202, until=post.visible_from)
    return router.json(post.shown(call.base), status)


def _container(container: containers.Container, status: int = 200) -> Response[str]:
    call = router.call()
    post = containers.publication(call.table, container)
    if post and post.has_landed(call.now()):
        return router.json({"id": container.id, "status": "published", "post": post.shown(call.base)}, status)
    if post and post.in_job:
        return router.waiting({"id": container.id, "status": "publishing"}, status, until=post.visible_from)
    if call.seconds_until(container.ready_at):
        return router.waiting({"id": container.id, "status": "processing"}, status, until=container.ready_at)
    return router.json({"id": container.id, "status": "ready"}, status)
