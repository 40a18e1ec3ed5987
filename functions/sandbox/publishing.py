"""One publishing call, from its script's first word to its last."""

from dataclasses import dataclass, field

from punctual.tables import ConditionFailed
from sandbox import containers, grants, posts, script
from sandbox.network import Call
from sandbox.protections import ByHandle, Protection


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`play` is which playing of the text's script this call belongs to; `post_id` is one the client chose."""

    holder: grants.Holder
    text: str = field(repr=False)
    protection: Protection
    play: str = field(default="", repr=False)
    post_id: str = ""
    hidden: bool = False


def publish(call: Call, draft: Draft) -> tuple[posts.Post, bool]:
    """The post, and whether this call made it."""
    posts.check(draft.text)
    told = script.read(draft.text, "publish")
    step = _met(call, told, draft.holder, "publish", draft.play or draft.text)
    script.before(call, step, draft.holder)
    post = posts.new(
        call,
        draft.holder.account,
        draft.text,
        post_id=draft.post_id,
        late=step.seconds if step and step.name == "late" else 0,
        search_lag=told.search_lag,
        hidden=draft.hidden,
    )
    made = True
    try:
        posts.store(call, post, draft.protection.guard(call.table, post))
    except ConditionFailed:
        post, made = draft.protection.taken(call.table, post), False
    script.after(call, step)
    return post, made


def prepare(call: Call, holder: grants.Holder, text: str, play: str) -> containers.Container:
    posts.check(text)
    step = _met(call, script.read(text, "prepare"), holder, "prepare", play or text)
    script.before(call, step, holder)
    made = containers.create(call.table, holder.account.id, text, call.now())
    script.after(call, step)
    return made


def publish_container(call: Call, holder: grants.Holder, container_id: str, play: str) -> posts.Post:
    container = containers.get(call.table, container_id, holder.account.id, call.now())
    draft = Draft(holder=holder, text=container.text, protection=ByHandle(container_id), play=play)
    return publish(call, draft)[0]


def look(call: Call, holder: grants.Holder, text: str, play: str) -> None:
    """Plays the script of a call that only asks."""
    step = _met(call, script.read(text, "find"), holder, "find", play or text)
    script.before(call, step, holder)
    script.after(call, step)


def _met(call: Call, told: script.Script, holder: grants.Holder, stage: script.Stage, play: str) -> script.Step | None:
    return script.next_step(call.table, told, account_id=holder.account.id, play=f"{stage}#{play}", at=call.now())
