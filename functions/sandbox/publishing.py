"""One publishing call, from its script's first word to its last."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from punctual.tables import ConditionFailed
from sandbox import attaching, containers, grants, limits, posts, script
from sandbox.errors import Refusal
from sandbox.network import Call
from sandbox.protections import ByHandle, Protection


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`play` is which playing of the text's script this call belongs to; `post_id` is one the client chose."""

    holder: grants.Holder
    text: str = field(repr=False)
    in_reply_to: str | None = None
    named: tuple[attaching.Named, ...] = ()
    """Files, as the client says them."""
    media: tuple[attaching.Attached, ...] = ()
    """Files that a container has already."""
    protection: Protection
    play: str = field(default="", repr=False)
    post_id: str = ""
    hidden: bool = False


def publish(call: Call, draft: Draft) -> tuple[posts.Post, bool]:
    """The post, and whether this call made it."""
    posts.check(draft.text, bool(draft.named or draft.media))
    told = script.read(draft.text, "publish")
    _check_parent(call, draft.in_reply_to)
    limits.check_day(call, draft.holder)
    step = _met(call, told, draft.holder, "publish", draft.play or draft.text)
    script.before(call, step, draft.holder)
    media = draft.media or attaching.attached(call, draft.holder, list(draft.named))
    post = _post(call, draft, media, told, step)
    made = True
    try:
        posts.store(call, post, draft.protection.guard(call.table, post))
    except ConditionFailed:
        post, made = draft.protection.taken(call.table, post), False
    script.after(call, step, draft.holder)
    return post, made


def prepare(call: Call, draft: Draft, *, processing_seconds: int) -> containers.Container:
    posts.check(draft.text, bool(draft.named))
    told = script.read(draft.text, "prepare")
    _check_parent(call, draft.in_reply_to)
    step = _met(call, told, draft.holder, "prepare", draft.play or draft.text)
    script.before(call, step, draft.holder)
    made = containers.create(
        call,
        draft.holder.account.id,
        draft.text,
        in_reply_to=draft.in_reply_to,
        media=attaching.attached(call, draft.holder, list(draft.named)),
        processing_seconds=processing_seconds,
    )
    script.after(call, step, draft.holder)
    return made


def publish_container(call: Call, holder: grants.Holder, container_id: str, play: str) -> posts.Post:
    container = containers.get(call.table, container_id, holder.account.id, call.now())
    containers.check_ready(call, container)
    draft = Draft(
        holder=holder,
        text=container.text,
        in_reply_to=container.in_reply_to,
        media=container.media,
        protection=ByHandle(container_id),
        play=play,
    )
    return publish(call, draft)[0]


@contextmanager
def uploading(call: Call, holder: grants.Holder, text: str, play: str) -> Iterator[script.Script]:
    """Plays the script of a call of an upload around what it does."""
    told = script.read(text, "upload")
    step = _met(call, told, holder, "upload", play or text)
    script.before(call, step, holder)
    yield told
    script.after(call, step, holder)


def look(call: Call, holder: grants.Holder, text: str, play: str) -> None:
    """Plays the script of a call that only asks."""
    step = _met(call, script.read(text, "find"), holder, "find", play or text)
    script.before(call, step, holder)
    script.after(call, step, holder)


def _post(
    call: Call, draft: Draft, media: tuple[attaching.Attached, ...], told: script.Script, step: script.Step | None
) -> posts.Post:
    name, seconds = (step.name, step.seconds) if step else ("", 0)
    return posts.new(
        call,
        draft.holder.account,
        draft.text,
        media=media,
        post_id=draft.post_id,
        in_reply_to=draft.in_reply_to,
        late=seconds if name in ("late", "publishing") else 0,
        in_job=name == "publishing",
        search_lag=told.search_lag,
        hidden=draft.hidden,
    )


def _check_parent(call: Call, post_id: str | None) -> None:
    if post_id is not None and not posts.landed(call.table, post_id, call.now()):
        raise Refusal(404, "no_such_parent", "There is no post to reply to under this id.")


def _met(call: Call, told: script.Script, holder: grants.Holder, stage: script.Stage, play: str) -> script.Step | None:
    return script.next_step(call.table, told, account_id=holder.account.id, play=f"{stage}#{play}", at=call.now())
