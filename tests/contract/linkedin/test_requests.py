"""Every request that the providers send, for every kind of post, is one that LinkedIn documents."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from punctual.providers import provider_class
from punctual.providers.outcomes import OutcomeUnknown
from tests.attachments import attachment
from tests.contract.linkedin.far_side import LinkedInSide
from tests.contract.linkedin.raw_caller import Clock
from tests.contract.linkedin.schema import violations
from tests.contract.linkedin.session import Session, connect

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "member": ("linkedin", {}),
    "member of an approved app": ("linkedin", {"product": "community_management", "more_scopes": "r_member_social"}),
    "page": ("linkedin_page", {}),
}


def picture(data: bytes = b"one", **changed: Any) -> Any:
    return attachment(data, **{"alt_text": "A boat on a lake", **changed})


ARTICLE = {"source": "https://example.com/a_(b)", "title": "News", "description": "All of them."}
POLL = {"question": "Tea (or coffee)?", "options": ["Tea", "Coffee", "#both"], "duration": "ONE_DAY"}
POSTS: dict[str, dict[str, Any]] = {
    "text": {
        "text": "(a) #tag [b] @[Devtestco](urn:li:organization:2414183) 🎉",
        "settings": {"visibility": "LOGGED_IN"},
    },
    "link": {"settings": {"article": ARTICLE}, "media": (picture(),)},
    "image": {"media": (picture(),), "settings": {"reshare_disabled": True}},
    "images": {"media": tuple(picture(bytes([number])) for number in range(20))},
    "animation": {"media": (picture(kind="animation"),)},
    "video": {"media": (picture(b"v" * 9_000_000, kind="video"),), "settings": {"title": "A lake"}},
    "document": {"media": (attachment(b"%PDF", kind="document", pages=3),), "settings": {"title": "Slides"}},
    "poll": {"settings": {"poll": POLL}},
}


@pytest.fixture(params=KINDS)
def session(request: pytest.FixtureRequest) -> Session:
    name, fields = KINDS[request.param]
    return connect_with(name, **fields)


def connect_with(name: str, **fields: str) -> Session:
    clock = Clock()
    side = LinkedInSide(clock)
    side.products |= {"r_member_social"}
    return connect(name, side=side, clock=clock, **fields)


def test_every_request_of_a_whole_life_is_documented(session):
    first = session.publish(**POSTS["text"])
    session.publish("Again", {"reshare_of": first.platform_id})
    session.publish("An article without a picture", {"article": {"source": "https://example.com/b", "title": "News"}})
    comment = session.provider.publish(session.comment(first), session.grant)
    for post in (session.post("Nothing"), session.comment(first)):
        with contextlib.suppress(OutcomeUnknown):
            session.find(post)
    for published in (comment, first, first):
        session.provider.delete(published, session.grant, session.account)
    session.provider.revoke(session.grant, session.app)
    assert broken(session) == {}


@pytest.mark.parametrize("kind", POSTS)
def test_every_kind_of_post_is_documented_and_shown_as_it_was_meant(session, kind):
    about = {"text": f"A post: {kind}", **POSTS[kind]}
    published = session.publish(**about)
    (shown,) = session.side.posts
    assert (shown.id, shown.url) == (published.platform_id, published.url)
    assert shown.kind == {"animation": "image"}.get(kind, kind)
    assert shown.text == about["text"].replace("@[Devtestco](urn:li:organization:2414183)", "Devtestco")
    assert shown.author == session.provider.author(session.account)
    files = about.get("media", ()) if kind != "link" else ()
    assert shown.media == tuple(each.sha256 for each in files)
    assert shown.alt_texts == tuple(each.alt_text for each in files if each.kind in ("image", "animation"))
    assert broken(session) == {}


def test_the_kinds_are_those_that_the_catalogue_names():
    for name in ("linkedin", "linkedin_page"):
        assert set(provider_class(name).spec.post_types) == set(POSTS)


def test_a_picture_of_a_link_is_its_thumbnail_and_a_document_has_a_title(session):
    thumbnail = picture(b"thumbnail")
    session.publish("A link", {"article": ARTICLE}, media=(thumbnail,))
    session.publish("Slides", media=(attachment(b"%PDF", kind="document", pages=3),))
    link, document = session.side.posts
    assert link.about["article"]["thumbnail"] == thumbnail.sha256
    assert document.about["title"]
    assert broken(session) == {}


def test_what_is_set_beside_the_content_arrives(session):
    settings = {"visibility": "LOGGED_IN", "reshare_disabled": True, "poll": POLL}
    session.publish("Which one?", settings)
    (shown,) = session.side.posts
    assert (shown.about["visibility"], shown.about["reshare_disabled"]) == ("LOGGED_IN", True)
    assert shown.about["poll"] == {
        "question": POLL["question"],
        "options": tuple(POLL["options"]),
        "duration": "ONE_DAY",
    }


def broken(session: Session) -> dict[str, list[str]]:
    found = {f"{one.method} {one.url.path}": violations(one) for one in session.side.seen}
    return {name: sentences for name, sentences in found.items() if sentences}


def sent(body: Callable[[dict[str, Any]], Any] = lambda body: body, **headers: str) -> list[str]:
    """What is found about a post of ours, once it is changed so."""
    session = connect_with("linkedin")
    session.publish(**POSTS["image"])
    (ours,) = [one for one in session.side.seen if one.url.path == "/rest/posts"]
    assert violations(ours) == []
    kept = {name: value for name, value in ours.headers.items() if name not in ("content-length", *headers)}
    changed = json.loads(ours.content)
    body(changed)
    return violations(httpx.Request("POST", ours.url, headers={**kept, **headers}, json=changed))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (lambda body: body.update(scheduledAt=1), "additionalProperties"),
        (lambda body: body["content"]["media"].update(alt="A"), "additionalProperties"),
        (lambda body: body["distribution"].update(feed="MAIN"), "additionalProperties"),
        (lambda body: body.update(commentary=["Hello"]), "$.commentary breaks type"),
        (lambda body: body["content"]["media"].update(altText=1), "$.content.media.altText breaks type"),
        (lambda body: body.update(isReshareDisabledByAuthor="no"), "breaks type"),
        (lambda body: body.update(visibility="FRIENDS"), "breaks enum"),
        (lambda body: body.pop("author"), "breaks required"),
    ],
)
def test_a_post_of_ours_that_is_changed_is_noticed(body, problem):
    assert any(problem in found for found in sent(body))


def test_a_header_of_ours_that_is_changed_is_noticed():
    assert sent(**{"linkedin-version": "2026-08"}) == ["header linkedin-version: $ breaks pattern"]
    assert sent(**{"idempotency-key": "k"}) == ["header: idempotency-key is unknown"]
