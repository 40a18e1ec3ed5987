"""What the check of requests notices, and what it lets pass."""

from typing import Any

import httpx
import pytest

from tests.contract.linkedin.raw_caller import DISTRIBUTION, HEADERS, MEMBER, OAUTH, REST, encoded, post_of
from tests.contract.linkedin.schema import violations

SHARE = "urn:li:share:7141138937766391808"
THREAD = f"{REST}/socialActions/{encoded(SHARE)}/comments"
UPLOADS = "https://www.linkedin.com/dms-uploads/C4E10AQ"
COMMENT = {"actor": MEMBER, "object": SHARE, "message": {"text": "First"}}
IMAGE = {"media": {"id": "urn:li:image:a", "altText": "A"}}
POLL = {"question": "Q", "options": [{"text": "A"}, {"text": "B"}], "settings": {"duration": "ONE_DAY"}}
APP = {"client_id": "id", "client_secret": "s"}
CODE = {"grant_type": "authorization_code", "code": "c", "redirect_uri": "https://punctual.example/"}


def broken(method: str, url: str, *, headers: dict[str, str | None] | None = None, **content: Any) -> list[str]:
    given = {"Authorization": "Bearer AQ", **HEADERS, **(headers or {})}
    kept = {name: value for name, value in given.items() if value is not None}
    return violations(httpx.Request(method, url, headers=kept, **content))


def post(**changed: Any) -> list[str]:
    return broken("POST", f"{REST}/posts", json={**post_of("Hello"), **changed})


def bare(method: str, url: str, **content: Any) -> list[str]:
    return violations(httpx.Request(method, url, **content))


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"content": IMAGE},
        {"content": {"media": {"id": "urn:li:video:a", "title": "V"}}},
        {"content": {"media": {"id": "urn:li:document:a", "title": "d.pdf"}}},
        {"content": {"multiImage": {"images": [{"id": "urn:li:image:a"}, {"id": "urn:li:image:b"}]}}},
        {"content": {"article": {"source": "https://example.com/a", "title": "A", "thumbnail": "urn:li:image:a"}}},
        {"content": {"poll": POLL}},
        {"reshareContext": {"parent": SHARE}},
        {"author": "urn:li:organization:1", "visibility": "LOGGED_IN"},
    ],
)
def test_every_kind_of_post_is_allowed(changed):
    assert post(**changed) == []


def test_the_other_documented_calls_are_allowed():
    begin = {"initializeUploadRequest": {"owner": MEMBER}}
    finish = {"finalizeUploadRequest": {"video": "urn:li:video:a", "uploadToken": "", "uploadedPartIds": ["/a"]}}
    assert broken("POST", THREAD, json=COMMENT) == []
    assert broken("GET", f"{REST}/posts/{encoded(SHARE)}") == []
    assert broken("DELETE", f"{REST}/posts/{encoded(SHARE)}", headers={"X-RestLi-Method": "DELETE"}) == []
    assert broken("GET", f"{REST}/posts", params={"q": "author", "author": MEMBER, "count": "10"}) == []
    assert broken("POST", f"{REST}/images?action=initializeUpload", json=begin) == []
    assert broken("POST", f"{REST}/documents?action=initializeUpload", json=begin) == []
    assert broken("POST", f"{REST}/videos?action=finalizeUpload", json=finish) == []
    assert bare("PUT", f"{UPLOADS}/uploadedVideo?m=a", content=b"x") == []
    assert bare("POST", f"{OAUTH}/accessToken", data={**CODE, **APP}) == []
    refresh = {"grant_type": "refresh_token", "refresh_token": "r"}
    assert bare("POST", f"{OAUTH}/accessToken", data={**refresh, **APP}) == []
    assert bare("POST", f"{OAUTH}/revoke", data={"token": "t", **APP}) == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"scheduledAt": 1}, "body: $ breaks additionalProperties"),
        ({"content": {"media": {**IMAGE["media"], "alt": "A"}}}, "body: $.content.media breaks additionalProperties"),
        ({"distribution": {**DISTRIBUTION, "x": 1}}, "body: $.distribution breaks additionalProperties"),
        ({"commentary": 3}, "body: $.commentary breaks type"),
        ({"isReshareDisabledByAuthor": "false"}, "body: $.isReshareDisabledByAuthor breaks type"),
        ({"visibility": "EVERYONE"}, "body: $.visibility breaks enum"),
        ({"lifecycleState": "DRAFT"}, "body: $.lifecycleState breaks enum"),
        ({"author": "urn:li:member:1"}, "body: $.author breaks pattern"),
        ({"content": {}}, "body: $.content breaks minProperties"),
        ({"content": {**IMAGE, "poll": POLL}}, "body: $.content breaks maxProperties"),
        (
            {"content": {"poll": {**POLL, "options": POLL["options"][:1]}}},
            "body: $.content.poll.options breaks minItems",
        ),
        ({"content": {"media": {"id": "urn:li:document:a"}}}, "body: $.content.media breaks required"),
        ({"content": IMAGE, "reshareContext": {"parent": SHARE}}, "body: $ breaks not"),
    ],
)
def test_a_body_that_is_not_documented_is_noticed(changed, problem):
    assert problem in post(**changed)


@pytest.mark.parametrize("name", ["author", "commentary", "visibility", "distribution", "lifecycleState"])
def test_a_required_field_is_missed(name):
    body = post_of("Hello")
    del body[name]
    assert broken("POST", f"{REST}/posts", json=body) == ["body: $ breaks required"]


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"LinkedIn-Version": None}, "header: linkedin-version is missing"),
        ({"X-Restli-Protocol-Version": None}, "header: x-restli-protocol-version is missing"),
        ({"Authorization": None}, "header: authorization is missing"),
        ({"LinkedIn-Version": "202613"}, "header linkedin-version: $ breaks pattern"),
        ({"X-Restli-Protocol-Version": "1.0.0"}, "header x-restli-protocol-version: $ breaks const"),
        ({"Authorization": "Basic AQ"}, "header: authorization is no bearer token"),
        ({"Idempotency-Key": "k"}, "header: idempotency-key is unknown"),
        ({"X-RestLi-Method": "DELETE"}, "header: x-restli-method is another method's"),
    ],
)
def test_a_header_that_is_missing_or_wrong_is_noticed(headers, problem):
    assert broken("POST", f"{REST}/posts", json=post_of("Hello"), headers=headers) == [problem]


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", f"{REST}/post"),
        ("PATCH", f"{REST}/posts"),
        ("GET", f"{REST}/posts/{SHARE}"),
        ("POST", f"{REST}/socialActions/{SHARE}/comments"),
        ("POST", "https://api.linkedin.com/v2/ugcPosts"),
        ("POST", "https://www.linkedin.com/rest/posts"),
        ("POST", "http://api.linkedin.com/rest/posts"),
    ],
)
def test_a_call_that_is_not_documented_is_noticed(method, url):
    (problem,) = broken(method, url)
    assert problem.endswith(": not a documented call")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (lambda: broken("GET", f"{REST}/posts?q=author&author={MEMBER}"), "query: a URN is not percent-encoded"),
        (lambda: broken("GET", f"{REST}/posts", params={"q": "author"}), "query: author is missing"),
        (lambda: broken("GET", f"{REST}/posts?q=author&author=x&limit=1"), "query: limit is unknown"),
        (lambda: broken("POST", f"{REST}/posts?x=1", json=post_of("Hello")), "query: x is unknown"),
        (lambda: broken("POST", f"{REST}/videos", json={}), "query: action is missing"),
        (lambda: broken("POST", f"{REST}/posts"), "body: missing"),
        (lambda: broken("DELETE", f"{REST}/posts/{encoded(SHARE)}", json={}), "body: none is taken here"),
        (
            lambda: broken("POST", f"{REST}/posts", data={"a": "b"}),
            "body: application/x-www-form-urlencoded is not taken",
        ),
        (
            lambda: bare("POST", f"{OAUTH}/accessToken", json={**CODE, **APP}),
            "body: application/json is not taken here",
        ),
        (lambda: bare("POST", f"{OAUTH}/accessToken", data=CODE), "body: $ breaks required"),
        (
            lambda: bare("POST", f"{OAUTH}/accessToken", data={**CODE, **APP, "code_verifier": "v"}),
            "additionalProperties",
        ),
        (lambda: bare("PUT", f"{UPLOADS}/uploaded-image/0?m=a", content=b"x"), "header: authorization is missing"),
        (
            lambda: broken("PUT", f"{UPLOADS}/uploadedVideo?m=a", content=b"x"),
            "header: authorization is not taken here",
        ),
        (
            lambda: broken("POST", THREAD, json={**COMMENT, "message": {"text": ""}}),
            "body: $.message.text breaks minLength",
        ),
        (lambda: broken("POST", THREAD, json={**COMMENT, "actor": 1}), "body: $.actor breaks type"),
    ],
)
def test_a_query_a_body_or_credentials_that_are_not_documented_are_noticed(given, problem):
    assert any(problem in found for found in given())


def test_what_is_found_names_no_value():
    found = post(author="urn:li:person:" + "secret!", commentary=["secret!"], visibility="secret!")
    assert found
    assert not any("secret" in sentence for sentence in found)
