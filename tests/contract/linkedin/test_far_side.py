"""The far side held to the dossier: who may post what, how text is read, what is a duplicate, what can be looked up."""

import httpx
import pytest

from tests.contract.linkedin import little
from tests.contract.linkedin.api import Organization
from tests.contract.linkedin.failures import FAILURES
from tests.contract.linkedin.far_side import LinkedInSide
from tests.contract.linkedin.raw_caller import MEMBER, OF_PAGES, PAGE, REST, RawCaller, encoded, post_of
from tests.contract.linkedin.schema import violations


@pytest.fixture
def member() -> RawCaller:
    return RawCaller().connect()


@pytest.fixture
def page() -> RawCaller:
    return RawCaller().connect(OF_PAGES)


def listed(caller: RawCaller, author: str, **more: str) -> httpx.Response:
    params = {"q": "author", "author": author, "count": "10", "sortBy": "LAST_MODIFIED", **more}
    return caller.call("GET", f"{REST}/posts", params=params)


def test_a_post_is_answered_with_its_urn_in_a_header_and_nothing_else(member):
    answer = member.post("Hello")
    urn = answer.headers["x-restli-id"]
    assert (answer.status_code, answer.content) == (201, b"")
    (shown,) = member.side.posts
    assert (shown.id, shown.kind, shown.text, shown.author) == (urn, "text", "Hello", MEMBER)
    assert shown.url == f"https://www.linkedin.com/feed/update/{urn}/"
    assert violations(member.side.seen[-1]) == []


def test_a_member_posts_for_nobody_else(member):
    assert member.post(author="urn:li:person:someone").json()["code"] == "ACCESS_DENIED"
    assert member.post(author=PAGE).status_code == 403
    assert member.side.posts == []


@pytest.mark.parametrize(("role", "status"), [("CONTENT_ADMIN", 201), ("ANALYST", 403)])
def test_a_page_is_posted_to_by_whoever_has_the_role(page, role, status):
    page.side.organizations = [Organization(role=role)]
    assert page.post(author=PAGE).status_code == status


def test_a_page_has_no_connections_to_post_to(page):
    assert page.post(author=PAGE, visibility="CONNECTIONS").status_code == 400
    assert page.post(author=PAGE, visibility="LOGGED_IN").status_code == 201


@pytest.mark.parametrize(
    ("changed", "status", "message"),
    [
        ({"visibilty": "PUBLIC"}, 422, "ERROR :: /visibilty :: unrecognized field found but not allowed"),
        ({"visibility": "EVERYONE"}, 422, 'ERROR :: /visibility :: "EVERYONE" is not an enum symbol'),
        ({"isReshareDisabledByAuthor": "no"}, 422, "ERROR :: /isReshareDisabledByAuthor :: cannot be coerced"),
        ({"commentary": "x" * 3001}, 400, "exceeded the maximum allowed"),
        ({"commentary": ""}, 422, "ERROR :: /commentary"),
    ],
)
def test_a_post_of_another_shape_is_refused(member, changed, status, message):
    answer = member.call("POST", f"{REST}/posts", json={**post_of("Hello"), **changed})
    assert (answer.status_code, message in answer.json()["message"]) == (status, True)
    assert member.side.posts == []


def test_a_field_that_is_missing_is_named(member):
    body = post_of("Hello")
    del body["author"]
    message = member.call("POST", f"{REST}/posts", json=body).json()["message"]
    assert message == "ERROR :: /author :: field is required but not found and has no default value"


@pytest.mark.parametrize(
    ("commentary", "text"),
    [
        ("up 4% (EPRI)", "up 4% "),
        ("up 4% \\(EPRI\\)", "up 4% (EPRI)"),
        ("a_b", "a"),
        ("C:\\temp", "C:"),
        ("mail kim@example.com", "mail kim"),
        ("# not a tag", ""),
        ("\\#not a tag", "#not a tag"),
        ("so #great_news", "so #great"),
        ("so {hashtag|\\#|big news} it is", "so #big news it is"),
        ("so {hashtag|#|news}", "so #news"),
        ("with @[Devtestco](urn:li:organization:2414183)!", "with Devtestco!"),
        ("with @[Devtestco] (urn:li:organization:2414183)!", "with "),
        ("全角＃ニュース です", "全角#ニュース です"),
    ],
)
def test_text_ends_at_the_first_reserved_character_that_is_not_escaped(member, commentary, text):
    member.urn_of(commentary)
    assert [shown.text for shown in member.side.posts] == [text]


@pytest.mark.parametrize("text", [little.RESERVED, "\\(", "a\\", "1 < 2 & 3 > 2", "日本語 😀 #"])
def test_what_is_escaped_is_read_as_it_was(text):
    read = little.read(little.escaped(text))
    assert (read.text, read.is_cut) == (text, False)
    assert little.read(read.commentary).text == text


def test_mentions_and_hashtags_are_told_apart_from_text(member):
    devtestco = "@[Devtestco](urn:li:organization:2414183)"
    member.urn_of(f"{devtestco} and @[devtestco](urn:li:organization:2414183) by @[Kim]({MEMBER}) #news")
    about = member.side.posts[0].about
    assert about["mentions"] == (PAGE, MEMBER)  # a name in other letters mentions nobody
    assert about["hashtags"] == ("news",)


def test_the_length_of_text_is_that_of_what_readers_see_or_of_what_is_sent(member):
    assert member.post("\\(" * 3000).status_code == 201
    member.side.feed.counts_escapes = True
    assert member.post("\\)" * 3000).status_code == 400


def test_hashtags_come_back_as_templates(page):
    page.urn_of("so \\(it is\\) #news", PAGE)
    assert listed(page, PAGE).json()["elements"][0]["commentary"] == "so \\(it is\\) {hashtag|\\#|news}"


def test_the_same_again_is_refused_with_the_urn_of_the_first(member):
    urn = member.urn_of("Hello")
    answer = member.post("Hello")
    assert answer.status_code == 422
    assert answer.json()["errorDetails"]["inputErrors"][0]["code"] == "DUPLICATE_POST"
    assert answer.json()["message"].endswith(f"Content is a duplicate of {urn}")
    assert len(member.side.posts) == 1
    member.clock.advance(seconds=601)
    assert member.urn_of("Hello") != urn


def test_another_text_or_another_author_is_no_duplicate():
    both = RawCaller().connect(f"{OF_PAGES} w_member_social")
    assert len({both.urn_of("Hello"), both.urn_of("Hello!"), both.urn_of("Hello", PAGE)}) == 3


def test_after_a_deletion_the_same_is_a_duplicate_of_what_is_not_there(page):
    first = page.urn_of("Hello", PAGE)
    assert page.delete(first).status_code == 204
    ghosts = {page.post("Hello", PAGE).json()["message"].rpartition(" ")[2] for _ in range(2)}
    assert len(ghosts) == 2
    assert first not in ghosts
    for ghost in ghosts:
        assert page.call("GET", f"{REST}/posts/{encoded(ghost)}").status_code == 404
    page.clock.advance(hours=48)
    assert page.post("Hello", PAGE).status_code == 201


def test_a_deletion_can_be_said_twice(member):
    urn = member.urn_of()
    assert [member.delete(urn).status_code for _ in range(2)] == [204, 204]
    assert member.side.posts == []
    assert member.delete("urn:li:share:1").status_code == 404


def test_a_page_looks_its_posts_up_newest_first_and_after_a_lag(page):
    page.urn_of("one", PAGE)
    page.clock.advance(seconds=30)
    urn = page.urn_of("two", PAGE)
    found = listed(page, PAGE).json()
    assert [post["commentary"] for post in found["elements"]] == ["two", "one"]
    assert found["elements"][0]["publishedAt"] == int(page.clock().timestamp() * 1000)
    assert [post["commentary"] for post in listed(page, PAGE, start="1", count="1").json()["elements"]] == ["one"]
    assert page.call("GET", f"{REST}/posts/{encoded(urn)}").json()["id"] == urn
    page.side.listing_lag_seconds = 10
    assert [post["commentary"] for post in listed(page, PAGE).json()["elements"]] == ["one"]


def test_a_member_cannot_look_up_without_the_closed_scope(member):
    urn = member.urn_of()
    assert listed(member, MEMBER).status_code == 403
    assert member.call("GET", f"{REST}/posts/{encoded(urn)}").status_code == 403
    member.side.products |= {"r_member_social"}
    member.connect("r_basicprofile w_member_social r_member_social")
    assert listed(member, MEMBER).json()["elements"][0]["id"] == urn


def test_urns_in_paths_and_queries_are_percent_encoded(page):
    urn = page.urn_of("Hello", PAGE)
    assert page.call("GET", f"{REST}/posts/{urn}").json()["code"] == "ILLEGAL_ARGUMENT"
    assert page.call("GET", f"{REST}/posts?q=author&author={PAGE}").json()["code"] == "ILLEGAL_ARGUMENT"
    assert page.call("DELETE", f"{REST}/posts/{urn}").status_code == 400
    assert len(page.side.posts) == 1


def test_polls_links_and_reshares_are_shown_as_such(member):
    poll = {"question": "Tea?", "options": [{"text": "Yes"}, {"text": "No"}], "settings": {"duration": "THREE_DAYS"}}
    article = {"source": "https://example.com/a", "title": "A", "description": "About a"}
    asked = member.urn_of("Vote", content={"poll": poll})
    member.urn_of("Read", content={"article": article})
    member.urn_of("See", reshareContext={"parent": asked})
    shown = member.side.posts
    assert [post.kind for post in shown] == ["poll", "link", "text"]
    assert shown[0].about["poll"] == {"question": "Tea?", "options": ("Yes", "No"), "duration": "THREE_DAYS"}
    assert shown[1].about["article"] == {**article, "thumbnail": None}
    assert shown[2].about["reshares"] == asked
    assert member.post("Gone", reshareContext={"parent": "urn:li:share:1"}).status_code == 404
    assert member.post("Both", reshareContext={"parent": asked}, content={"poll": poll}).status_code == 422


def test_a_comment_is_plain_text_and_names_its_activity(member):
    urn = member.urn_of()
    answer = member.comment("more (here) #1", urn).json()
    assert answer["object"].startswith("urn:li:activity:")
    assert answer["commentUrn"] == f"urn:li:comment:({answer['object']},{answer['id']})"
    reply = member.comment("and (there)", urn, parentComment=answer["commentUrn"])
    assert reply.headers["x-restli-id"] == reply.json()["id"]
    assert [(shown.kind, shown.text, shown.answers) for shown in member.side.posts[1:]] == [
        ("comment", "more (here) #1", urn),
        ("comment", "and (there)", answer["commentUrn"]),
    ]


def test_comments_need_approval_a_post_that_is_there_and_may_be_deleted(page):
    urn = page.urn_of("Hello", PAGE)
    number = page.comment("First", urn, PAGE).json()["id"]
    thread = f"{REST}/socialActions/{encoded(urn)}/comments"
    assert [row["id"] for row in page.call("GET", thread).json()["elements"]] == [number]
    assert page.call("DELETE", f"{thread}/{number}").status_code == 403
    assert page.call("DELETE", f"{thread}/{number}", params={"actor": PAGE}).status_code == 204
    assert [shown.kind for shown in page.side.posts] == ["text"]
    assert page.comment("Where", "urn:li:share:1", PAGE).status_code == 404
    assert page.comment("x" * 1251, urn, PAGE).json()["code"] == "FIELD_LENGTH_TOO_LONG"
    page.side.may_comment = False
    assert page.comment("Second", urn, PAGE).json()["code"] == "ACCESS_DENIED"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"LinkedIn-Version": "202504"}, 426, "NONEXISTENT_VERSION"),
        ({"LinkedIn-Version": "203001"}, 426, "NONEXISTENT_VERSION"),
        ({"LinkedIn-Version": "2026"}, 400, "ILLEGAL_ARGUMENT"),
        ({"X-Restli-Protocol-Version": "1.0.0"}, 400, "ILLEGAL_ARGUMENT"),
    ],
)
def test_a_call_names_a_version_that_is_spoken(member, headers, status, code):
    member.headers |= headers
    answer = member.post()
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_version_ends_when_its_time_is_over_and_is_never_left_out(member):
    member.side.oldest_version = "202610"
    assert member.post().json()["message"] == "Requested version 20260901 is not active"
    del member.headers["LinkedIn-Version"]
    assert member.post().json()["code"] == "VERSION_MISSING"


def test_calls_of_a_day_end_until_midnight_and_no_header_says_so(member):
    member.side.calls_a_day = 1
    assert member.post("one").status_code == 201
    refusal = member.post("two")
    assert refusal.status_code == 429
    assert not [name for name in refusal.headers if "retry" in name or "limit" in name]
    member.clock.advance(hours=8)
    assert member.post("two").status_code == 201


def test_a_call_fails_as_planned_once_and_nothing_happens(member):
    member.side.fail_next.append(("publish", FAILURES["broken"]))
    assert (member.post().status_code, member.side.posts) == (500, [])
    assert member.post().status_code == 201


def test_an_answer_gets_lost_after_the_fact_and_a_cut_comes_before_it(member):
    member.side.loses_answer_of, member.side.cuts = {"publish"}, {"delete"}
    with pytest.raises(httpx.ReadError):
        member.post()
    (shown,) = member.side.posts
    with pytest.raises(httpx.ReadError):
        member.delete(shown.id)
    assert member.side.posts == [shown]
    assert member.post().status_code == 422
    assert member.delete(shown.id).status_code == 204


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_belongs_to_an_operation_and_has_a_source(name):
    failure = FAILURES[name]
    assert failure.operation in LinkedInSide.OPERATIONS
    assert failure.source.startswith("https://")
    assert failure.response().status_code == failure.status
    if failure.status >= 500 and failure.operation in LinkedInSide.PUBLISHING:
        assert failure.means == "unknown"
