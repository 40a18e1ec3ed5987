"""Every request that the provider sends, in every type of post, is one that Meta's published contract allows."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from punctual.providers.base import App, Callback, Consent, Published
from punctual.providers.outcomes import Processing
from tests.attachments import attachment
from tests.contract.meta.requests import violations
from tests.kept import Kept
from tests.unit.facebook.platform import GRANT, NOW, PAGE, Far, outgoing

GRAPH, VIDEOS = "https://graph.facebook.com/v25.0", "https://graph-video.facebook.com/v25.0"
RUPLOAD = "https://rupload.facebook.com/video-upload/v25.0/701"
TOKEN, OAUTH = {"Authorization": "Bearer token"}, {"Authorization": "OAuth token"}
APP = App(client_id="77", client_secret=SecretStr("secret"))
PICTURES = (attachment(alt_text="A hill"), attachment())
VIDEO = (attachment(b"0123456789", kind="video"),)
SESSION = "upload:MTphdHRhY2htZW50?sig=ARb_-x"
LIVE = Published(platform_id="102_501", url="")
EVERYWHERE = {"place": "5", "countries": ["DE"]}
KINDS: dict[str, tuple[dict[str, Any], Any, list[dict[str, Any]], dict[str, Any]]] = {
    "text": (EVERYWHERE, (), [], {"id": "102_501"}),
    "link": ({"link": "https://example.com/", **EVERYWHERE}, (), [], {"id": "102_501"}),
    "image": ({}, PICTURES[:1], [{"id": "901"}], {"id": "102_501"}),
    "images": (EVERYWHERE, PICTURES, [{"id": "901"}, {"id": "902"}], {"id": "102_501"}),
    "video": ({"title": "T", "countries": ["DE"]}, VIDEO, [{"id": SESSION}, {"h": "4::aA"}], {"id": "701"}),
    "reel": (
        {"post_type": "reel", "title": "T", **EVERYWHERE},
        VIDEO,
        [{"video_id": "701"}, {"success": True}],
        {"success": True},
    ),
    "story": ({"post_type": "story"}, PICTURES[:1], [{"id": "901"}], {"post_id": "601"}),
    "story that is a video": (
        {"post_type": "story"},
        VIDEO,
        [{"video_id": "701"}, {"success": True}],
        {"success": True, "post_id": "601"},
    ),
}
"""Settings, media, and what Facebook answers: to what is prepared, and to the post."""


def named(requests: list[httpx.Request]) -> Iterator[httpx.Request]:
    """As they were meant: what is sent goes to an address that was looked up."""
    for one in requests:
        url = one.url.copy_with(host=one.headers["Host"])
        yield httpx.Request(one.method, url, headers=one.headers, content=one.content)


def wrong(far: Far) -> list[list[str]]:
    return [found for request in named(far.sent) if (found := violations(request))]


@pytest.mark.parametrize("kind", KINDS)
def test_a_post_is_prepared_published_and_looked_for_within_the_contract(kind: str) -> None:
    settings, media, before, made = KINDS[kind]
    kept = Kept()
    post = outgoing("" if "story" in kind else "Hello", settings=settings, media=media)
    looks = {"data": [], "status": {"video_status": "processing"}, "page_story_id": "102_501"}
    far = Far(*before, made, looks, looks, looks)
    far.provider.prepare(post, GRANT, kept)
    post = outgoing(post.text, settings=settings, media=media, prepared=kept.results)
    try:
        far.provider.publish(post, GRANT)
    except Processing as taken:
        kept.results |= taken.kept
    looked = outgoing(post.text, settings=settings, prepared=kept.results)
    if "accepted" in kept.results:
        with pytest.raises(Processing):
            far.provider.find(looked, GRANT)
    elif kind != "story that is a video":
        assert far.provider.find(looked, GRANT) is None
    assert wrong(far) == []
    assert len(far.sent) >= 2


def test_every_type_of_post_that_the_catalogue_names_is_held_to_it() -> None:
    assert set(Far().provider.spec.post_types) <= set(KINDS)


def test_what_comes_before_and_after_is_within_the_contract() -> None:
    begun = {"media_0": {"handle": {"session": SESSION}, "sent": 0, "results": []}}
    reel = {"media_0": {"handle": {"video_id": "701"}, "sent": 0, "results": []}}
    comment = outgoing("First!", kind="comment")
    far = Far(
        {"id": SESSION, "file_offset": 4},
        {"h": "4::aA"},
        {"status": {"uploading_phase": {"bytes_transferred": 4}}},
        {"success": True},
        {"id": "501_801"},
        {"data": []},
        {"permalink_url": "https://www.facebook.com/102/posts/501"},
        {"success": True},
    )
    far.provider.prepare(outgoing(media=VIDEO, prepared=begun), GRANT, Kept())
    far.provider.prepare(outgoing(media=VIDEO, prepared=reel, settings={"post_type": "reel"}), GRANT, Kept())
    far.provider.publish(comment, GRANT)
    far.provider.find(comment, GRANT)
    far.provider.permalink(LIVE, GRANT, PAGE)
    far.provider.delete(LIVE, GRANT, PAGE)
    assert wrong(far) == []
    assert far.left == []


def test_a_login_is_within_the_contract() -> None:
    callback = Callback(
        app=APP, redirect_uri="https://punctual.example/cb", code="code", code_verifier=SecretStr("verifier")
    )
    token = {"access_token": "token", "token_type": "bearer", "expires_in": 5184000}
    allowed = [{"permission": each, "status": "granted"} for each in Far().provider.spec.scopes]
    pages = {"data": [], "paging": {"cursors": {"after": "a"}, "next": "https://graph.facebook.com/"}}
    far = Far(token, token, {"id": "1001"}, {"data": allowed}, pages, {"data": []}, {"success": True})
    login = far.provider.authenticate(callback)
    far.provider.revoke(login.grant, APP)
    consent = Consent(app=APP, redirect_uri=callback.redirect_uri, state="state", code_challenge="challenge")
    assert wrong(far) == []
    assert violations(httpx.Request("GET", far.provider.authorization_url(consent))) == []
    assert far.left == []
    assert (login.grant.expires_at or NOW) > NOW


def post(path: str, base: str = GRAPH, headers: dict[str, str] = TOKEN, **form: Any) -> httpx.Request:
    return httpx.Request("POST", f"{base}/{path}", headers=headers, data=form)


def get(path: str, **query: str) -> httpx.Request:
    return httpx.Request("GET", f"{GRAPH}/{path}", headers=TOKEN, params=query)


MUTATIONS: dict[str, tuple[Callable[[], httpx.Request], str]] = {
    "another edge": (lambda: post("102/feeds", message="Hello"), "is not in the contract"),
    "another method": (lambda: httpx.Request("PUT", f"{GRAPH}/102/feed", headers=TOKEN), "is not in the contract"),
    "an unknown field": (lambda: post("102/feed", mesage="Hello"), "mesage is unknown"),
    "pictures that are no objects": (lambda: post("102/feed", attached_media="first"), "attached_media: no Object"),
    "a truth that is none": (lambda: post("102/photos", published="no"), "published: no bool"),
    "people that are no object": (lambda: post("102/feed", targeting="DE"), "targeting: no Object"),
    "a phase that there is not": (lambda: post("102/video_reels", upload_phase="end"), "upload_phase: not one"),
    "no phase": (lambda: post("102/video_reels", video_id="701"), "upload_phase is missing"),
    "a state that there is not": (
        lambda: post("102/video_reels", upload_phase="finish", video_state="LIVE"),
        "video_state: not one",
    ),
    "a video at the host of the others": (lambda: post("102/videos", title="T"), "graph-video.facebook.com"),
    "no version": (lambda: post("102/feed", "https://graph.facebook.com", message="Hello"), "no version"),
    "no token": (lambda: post("102/feed", headers={}, message="Hello"), "no access token"),
    "a header that is not read": (
        lambda: post("102/feed", headers={**TOKEN, "Idempotency-Key": "k"}, message="Hello"),
        "idempotency-key is unknown",
    ),
    "a field that posts do not have": (lambda: get("102/published_posts", fields="id,text"), "text is unknown"),
    "a number of answers that is none": (lambda: get("102/published_posts", limit="all"), "limit: no unsigned int"),
    "bytes for a bearer": (lambda: httpx.Request("POST", RUPLOAD, headers=TOKEN, content=b"0"), "is not OAuth"),
    "bytes whose start is misspelled": (
        lambda: httpx.Request("POST", RUPLOAD, headers={**OAUTH, "file_offset": "0"}, content=b"0"),
        "file_offset is unknown",
    ),
    "a file of no length": (lambda: post("77/uploads", file_type="video/mp4"), "file_length is missing"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_check_sees_what_the_contract_does_not_allow(name: str) -> None:
    """Each is a request of ours, changed."""
    make, said = MUTATIONS[name]
    assert said in "; ".join(violations(make()))
