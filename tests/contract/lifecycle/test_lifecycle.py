"""The life of every provider's grants, exactly as its platform documents it. A new module is held to it by existing."""

from typing import Any

import pytest

from punctual.providers import modules, provider_class
from punctual.providers.outcomes import OutcomeUnknown, Reconnect, Rejected, RetryLater
from tests.contract.lifecycle.lifecycles import (
    FOLDER,
    REFRESH,
    SECRETS,
    Answer,
    Platform,
    Refusal,
    Transition,
    after,
    given,
    grant,
    lifecycle,
)
from tests.template import ROOT

KNOWN = [name for name in modules() if (FOLDER / f"{name}.toml").is_file()]
BY_CODE = [name for name in modules() if "oauth" in provider_class(name).spec.connect]


def named(*kinds: str) -> list[Any]:
    """Of every provider that has a file."""
    lives = [(name, lifecycle(name)) for name in KNOWN]
    every = [(name, one) for name, life in lives for kind in kinds for one in getattr(life, kind)]
    return [pytest.param(name, one, id=f"{name}: {one.name}") for name, one in every]


def played(name: str, step: Transition) -> tuple[Any, Platform]:
    """What came of it, and what the platform saw."""
    platform = Platform(name, *(call.answer for call in step.calls))
    return platform.run(step.during, extra=step.extra, **step.credentials), platform


def refused(name: str, refusal: Refusal) -> Any:
    return Platform(name, *refusal.before, refusal).run(refusal.during, extra=refusal.extra)


@pytest.mark.parametrize("name", modules())
def test_every_step_of_a_life_is_documented(name: str) -> None:
    """Or a reason under [never] says why there is none."""
    spec, life = provider_class(name).spec, lifecycle(name)
    wanted = {"exchange"} if "oauth" in spec.connect else set()
    wanted |= {"login"} if "credentials" in spec.connect else set()
    wanted |= {"refresh", "revoke"} - set(life.never)
    assert wanted == {step.during for step in life.steps}, f"complete {name}.toml"
    assert life.dead, "how does the platform call a grant dead?"
    assert life.transient, "what may it answer that must not end a grant?"
    assert all(len(reason.split()) > 3 for reason in life.never.values())


@pytest.mark.parametrize("name", modules())
def test_the_spec_has_it_as_the_platform_does(name: str) -> None:
    spec, facts, never = provider_class(name).spec, lifecycle(name).facts, lifecycle(name).never
    if name in BY_CODE:
        assert (spec.token_auth, spec.pkce) == (facts.token_auth, facts.pkce)
    assert spec.reuse_ends_grant == facts.reuse_ends_grant
    assert ("refresh" in never) == (facts.rotation == "none")
    assert Platform(name).provider.can_refresh(grant(name)) == (facts.rotation != "none")
    assert "revoke" not in never or not spec.revoke_url


def test_no_file_is_left_of_a_provider_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} <= set(modules())


@pytest.mark.parametrize(("name", "step"), named("steps"))
def test_what_is_sent_is_what_the_platform_documents(name: str, step: Transition) -> None:
    _, platform = played(name, step)
    assert len(platform.sent) == len(step.calls)
    different = [call.request.differs(sent) for call, sent in zip(step.calls, platform.sent, strict=True)]
    assert different == [[] for _ in step.calls]


@pytest.mark.parametrize(("name", "step"), named("steps"))
def test_what_is_answered_becomes_the_grant_that_it_says(name: str, step: Transition) -> None:
    came, _ = played(name, step)
    if step.during == "revoke":
        assert came is None
        return
    assert step.grant, "say what the grant is then"
    found = given(came)
    assert found.access_token.get_secret_value() == step.grant.access_token
    assert (found.refresh_token and found.refresh_token.get_secret_value()) == step.grant.refresh_token
    assert found.expires_at == after(step.grant.expires_in)
    assert found.renewable_until == after(step.grant.renewable_in)
    assert found.scopes == (provider_class(name).spec.scopes if step.grant.scopes is None else step.grant.scopes)
    assert found.extra == (
        {**lifecycle(name).connection.extra, **step.extra} if step.grant.extra is None else step.grant.extra
    )
    assert found.server == lifecycle(name).connection.server
    assert tuple(account.id for account in getattr(came, "accounts", ())) == step.accounts


@pytest.mark.parametrize("name", KNOWN)
def test_a_refresh_token_is_replaced_where_it_is_good_once(name: str) -> None:
    rotation = lifecycle(name).facts.rotation
    for step in lifecycle(name).all("refresh"):
        assert step.grant
        assert (step.grant.refresh_token == REFRESH) == (rotation == "kept")


@pytest.mark.parametrize("name", KNOWN)
def test_a_grant_that_cannot_be_renewed_is_not_asked_about(name: str) -> None:
    if "refresh" not in lifecycle(name).never:
        return
    platform = Platform(name)
    assert isinstance(platform.run("refresh"), Reconnect)
    assert platform.sent == []


@pytest.mark.parametrize(("name", "refusal"), named("dead"))
def test_what_the_platform_calls_dead_is_dead(name: str, refusal: Refusal) -> None:
    came = refused(name, refusal)
    assert isinstance(came, Reconnect)
    assert (came.code, came.platform_code) == (refusal.code, refusal.platform_code)


@pytest.mark.parametrize(("name", "refusal"), named("transient"))
def test_what_it_does_not_call_dead_is_tried_again(name: str, refusal: Refusal) -> None:
    came = refused(name, refusal)
    assert isinstance(came, RetryLater)
    assert (came.code, came.platform_code) == (refusal.code, refusal.platform_code)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", ["{}", "", "<html>", '{"error": "server_error"}', '{"message": "invalid_grant"}'])
@pytest.mark.parametrize("name", KNOWN)
def test_nothing_that_is_not_documented_ends_a_grant(name: str, status: int, body: str) -> None:
    """A firewall, a gateway, a page of maintenance: the second reason why channels are lost elsewhere."""
    if "refresh" in lifecycle(name).never:
        return
    came = Platform(name, *[Answer(status=status, body=body)] * 2).run("refresh")
    assert isinstance(came, RetryLater | OutcomeUnknown), came


@pytest.mark.parametrize(("name", "refusal"), named("dead", "transient"))
def test_no_sentence_holds_a_secret(name: str, refusal: Refusal) -> None:
    said = refusal.body.replace("{", f'{{"also": "{" ".join(SECRETS)}", ', 1)
    came = refused(name, refusal.model_copy(update={"body": said}))
    shown = f"{came!r} {came.sentence} {came.platform_code}"
    assert [secret for secret in SECRETS if secret in shown] == []


@pytest.mark.parametrize("name", [name for name in BY_CODE if name in KNOWN])
def test_a_code_that_is_refused_connects_nothing_and_may_be_tried_again(name: str) -> None:
    for status in (400, 401, 403, 500, 503):
        came = Platform(name, *[Answer(status=status, body='{"error": "invalid_grant"}')] * 2).run("exchange")
        assert isinstance(came, Reconnect | Rejected | RetryLater)


@pytest.mark.parametrize(("name", "documented"), named("steps", "dead", "transient"))
def test_all_of_it_says_where_it_is_documented(name: str, documented: Transition | Refusal) -> None:
    assert documented.source.startswith("https://") or (ROOT / documented.source.partition("#")[0]).is_file()


@pytest.mark.parametrize("name", KNOWN)
def test_nothing_secret_shows_in_a_repr(name: str) -> None:
    assert [secret for secret in SECRETS if secret in repr(grant(name))] == []
