"""The network itself: its API's own refusals, its clock stamps, its pages."""

import json
from functools import partial

import httpx
import pytest
from botocore.exceptions import ClientError

from punctual.tables import Table
from sandbox.app import answer, handler
from sandbox.network import Network, call, deployed
from tests.sandbox_bridge import form, sandbox_transport, to_event
from tests.unit.sandbox.far_side import BASE, api, bearer, error, far_side, table


def test_a_key_answers_a_second_call_with_the_first_post_and_200(far, login):
    key = {"Idempotency-Key": "k"}
    first = api(far, login, "POST", "/posts", protection="key", **key)
    again = api(far, login, "POST", "/posts", protection="key", **key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_a_key_used_for_another_text_is_refused(far, login):
    api(far, login, "POST", "/posts", protection="key", **{"Idempotency-Key": "k"})
    other = api(far, login, "POST", "/posts", protection="key", text="Other", **{"Idempotency-Key": "k"})
    assert error(other) == (422, "key_reused")


def test_two_accounts_may_use_the_same_key(far, login):
    bob = far.login(handle="bob")
    for who in (login, bob):
        assert api(far, who, "POST", "/posts", protection="key", **{"Idempotency-Key": "k"}).status_code == 201


def test_a_key_is_honoured_only_where_the_post_asks_for_it(far, login):
    for _ in range(2):
        assert api(far, login, "POST", "/posts", protection="search", **{"Idempotency-Key": "k"}).status_code == 201


def test_an_id_is_taken_by_another_text_and_by_another_account(far, login):
    chosen = {"protection": "chosen_id"}
    assert api(far, login, "PUT", "/posts/own-12345", **chosen).status_code == 201
    assert api(far, login, "PUT", "/posts/own-12345", **chosen).status_code == 200
    assert error(api(far, login, "PUT", "/posts/own-12345", text="Other", **chosen)) == (409, "id_taken")
    assert error(api(far, far.login(handle="bob"), "PUT", "/posts/own-12345", **chosen)) == (409, "id_taken")


def test_another_accounts_container_cannot_be_seen_or_published(far, login):
    made = api(far, login, "POST", "/containers", protection="handle").json()["id"]
    bob = far.login(handle="bob")
    assert error(api(far, bob, "GET", f"/containers/{made}")) == (404, "no_such_container")
    assert error(api(far, bob, "POST", f"/containers/{made}/publish")) == (404, "no_such_container")


def test_another_accounts_post_is_not_ones_own(far, login):
    made = api(far, login, "POST", "/posts").json()["id"]
    assert api(far, login, "GET", f"/posts/{made}").status_code == 200
    assert error(api(far, far.login(handle="bob"), "GET", f"/posts/{made}")) == (404, "no_such_post")


def test_a_search_shows_nobody_elses_posts(far, login):
    api(far, login, "POST", "/posts")
    for who, found in ((login, 1), (far.login(handle="bob"), 0)):
        answer = far.browser.post(f"{far.server}/api/search", json={"text": "Hello"}, headers=bearer(who))
        assert len(answer.json()["posts"]) == found


def test_a_search_shows_exactly_the_text_it_is_asked_for_and_no_post_of_the_class_none(far, login):
    for text, protection in (("Hello", "none"), ("Hello", "search"), ("Hello again", "search"), ("hello", "search")):
        api(far, login, "POST", "/posts", text=text, protection=protection)
    answer = far.browser.post(f"{far.server}/api/search", json={"text": "Hello"}, headers=bearer(login))
    assert [post["text"] for post in answer.json()["posts"]] == ["Hello"]
    assert len(far.timeline()) == 4


def test_the_same_text_is_refused_only_right_after_itself(far, login):
    send = partial(api, far, login, "POST", "/posts", protection="duplicate_rejection")
    assert send(text="A").status_code == 201
    assert error(send(text="A")) == (409, "duplicate")
    assert send(text="B").status_code == 201
    assert send(text="A").status_code == 201


@pytest.mark.parametrize(
    ("path", "protection", "code"),
    [
        ("/posts", "key", "key_required"),
        ("/posts", "handle", "wrong_route"),
        ("/posts", "chosen_id", "wrong_route"),
        ("/posts", "luck", "invalid_request"),
    ],
)
def test_a_post_made_in_the_wrong_way_is_refused(far, login, path, protection, code):
    assert error(api(far, login, "POST", path, protection=protection)) == (400, code)


@pytest.mark.parametrize("body", ["", "{", "[]", '{"text": 1}', '{"text":"x","protection":"none","more":1}'])
def test_a_body_that_is_no_post_is_refused(far, login, body):
    sent = {**bearer(login), "Content-Type": "application/json"}
    assert error(far.browser.post(f"{far.server}/api/posts", headers=sent, content=body)) == (400, "invalid_request")


@pytest.mark.parametrize(("text", "code"), [(" \n", "text_empty"), ("e\u0301" * 501, "text_too_long")])
def test_the_network_counts_for_itself(far, login, text, code):
    assert error(api(far, login, "POST", "/posts", text=text)) == (422, code)


def test_five_hundred_graphemes_fit_whatever_they_are_made_of(far, login):
    assert api(far, login, "POST", "/posts", text="e\u0301" * 500).status_code == 201


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer made-up", "Basic x"])
def test_nobody_posts_without_an_access_token(far, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    refused = far.browser.post(f"{far.server}/api/posts", json={"text": "x", "protection": "none"}, headers=headers)
    assert error(refused) == (401, "invalid_token")
    assert refused.headers["www-authenticate"].startswith("Bearer")


def test_a_lost_transaction_is_tried_again(far, login):
    sleeps = []
    crowded = Table(Crowded(far.network.table.client, refusals=3), far.network.table.name)
    network = Network(table=crowded, now=far.clock.now, sleep=sleeps.append, public_url=BASE)
    far.browser = httpx.Client(transport=sandbox_transport(partial(answer, on=network), BASE))
    assert api(far, login, "POST", "/posts").status_code == 201
    assert len(sleeps) == 3
    assert len(far.timeline()) == 1


class Crowded:
    """A DynamoDB client whose transactions first meet others."""

    def __init__(self, client, refusals):
        self._client = client
        self._refusals = refusals

    def __getattr__(self, name):
        return getattr(self._client, name)

    def transact_write_items(self, **request):
        if self._refusals:
            self._refusals -= 1
            reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
            answer = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(answer, "TransactWriteItems")
        return self._client.transact_write_items(**request)


@pytest.mark.parametrize(
    ("stamp_ms", "arrived_ms"),
    [(-250, -250), (0, 0), (-29_000, -29_000), (-31_000, 0), (1, 0), (-123, 0)],
    ids=["earlier", "now", "long ago", "too long ago", "in the future", "without milliseconds"],
)
def test_a_request_arrived_when_the_gateway_says_if_that_can_be(far, stamp_ms, arrived_ms):
    event = to_event(httpx.Request("GET", BASE), httpx.URL(BASE), far.clock.now())
    event["requestContext"]["timeEpoch"] += stamp_ms
    arrived = call(event, far.network).arrived_at
    assert round((arrived - far.clock.now()).total_seconds() * 1000) == arrived_ms


def test_the_deployed_handler_takes_its_table_and_address_from_the_environment(far, monkeypatch):
    monkeypatch.setenv("SANDBOX_TABLE", far.network.table.name)
    monkeypatch.setenv("PUBLIC_URL", "https://elsewhere.example")
    deployed.cache_clear()
    try:
        browser = httpx.Client(transport=sandbox_transport(handler, BASE))
        page = browser.get(far.asked())
    finally:
        deployed.cache_clear()
    assert form(page.text)[0] == "https://elsewhere.example/sandbox/oauth/authorize"


def test_without_a_stamp_a_request_arrived_when_the_handler_began(far):
    event = to_event(httpx.Request("GET", BASE), httpx.URL(BASE), far.clock.now())
    del event["requestContext"]["timeEpoch"]
    assert call(event, far.network).arrived_at == far.clock.now()


def test_the_arrival_is_the_requests_and_not_the_writes(far, login):
    api(far, login, "POST", "/posts", text="Hello [sandbox:slow=3]")
    assert far.timeline()[0]["arrived_at"] == "2026-11-22T16:00:00.123Z"


@pytest.mark.parametrize(("stage", "prefix"), [("$default", ""), ("v7", "/v7")])
def test_without_a_public_url_the_network_is_where_the_request_came_to(dynamodb, stage, prefix):
    far = far_side(table(dynamodb), public_url="", served=f"{BASE}{prefix}", stage=stage)
    far.server = far.provider.server(None, f"{BASE}{prefix}")
    login = far.login()
    assert login.accounts[0].url == f"{BASE}{prefix}/sandbox?account=demo"
    assert far.browser.get(login.accounts[0].url).status_code == 200


def test_the_timeline_is_newest_first_and_can_be_cut_and_filtered(far, login):
    bob = far.login(handle="bob")
    for number, who in enumerate((login, bob, login)):
        api(far, who, "POST", "/posts", text=str(number))
        far.clock.sleep(1)
    assert far.texts() == ["2", "1", "0"]
    assert [post["text"] for post in far.timeline(limit=2)] == ["2", "1"]
    assert [post["text"] for post in far.timeline(account="@Bob")] == ["1"]
    assert [post["text"] for post in far.timeline(account=bob.accounts[0].id)] == ["1"]
    assert set(far.timeline()[0]) == {"id", "url", "text", "in_reply_to", "media", "account", "handle", "arrived_at"}


@pytest.mark.parametrize("limit", ["0", "-1", "x"])
def test_a_limit_that_is_no_number_is_refused(far, limit):
    assert error(far.browser.get(f"{far.server}/api/timeline", params={"limit": limit})) == (400, "bad_limit")


def test_a_long_timeline_is_read_to_its_end(far, login):
    for number in range(70):
        api(far, login, "POST", "/posts", text=f"{number} " + "\N{SPARKLES}" * 480)
    far.network.table.client.meta.events.register("before-parameter-build.dynamodb.Query", _small_pages)
    try:
        assert len(far.timeline(limit=1000)) == 70
    finally:
        far.network.table.client.meta.events.unregister("before-parameter-build.dynamodb.Query", _small_pages)


def _small_pages(params, **_):
    params["Limit"] = 9


def test_the_pages_show_posts_as_text(far, login):
    api(far, login, "POST", "/posts", text="<script>alert(1)</script> & more")
    url = far.timeline()[0]["url"]
    for address in (far.server, url, login.accounts[0].url):
        page = far.browser.get(address)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "<script" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page.text
    assert 'http-equiv="refresh"' in far.browser.get(far.server).text


def test_an_accounts_page_shows_its_own_posts_alone(far, login):
    api(far, far.login(handle="bob"), "POST", "/posts", text="from bob")
    assert "from bob" in far.browser.get(far.server).text
    assert "from bob" not in far.browser.get(login.accounts[0].url).text


@pytest.mark.parametrize("path", ["/posts/nope", "/nowhere", "?account=a%20b"])
def test_a_page_that_is_not_there_says_so_to_a_person(far, path):
    page = far.browser.get(f"{far.server}{path}")
    assert page.status_code in (400, 404)
    assert page.headers["content-type"].startswith("text/html")


def test_what_the_api_does_not_know_it_says_in_json(far):
    assert error(far.browser.get(f"{far.server}/api/nowhere")) == (404, "not_found")


def test_nothing_is_kept_without_an_end(far, login):
    for protection in ("key", "duplicate_rejection"):
        send = partial(api, far, login, "POST", "/posts", protection=protection)
        send(text=f"{protection} [sandbox:slow=1]", **{"Idempotency-Key": "k"})
    api(far, login, "POST", "/containers", protection="handle")
    api(far, login, "POST", "/posts", text="[sandbox:limit=1]")
    items = far.network.table.client.scan(TableName=far.network.table.name)["Items"]
    at = far.clock.now().timestamp()
    kinds = {item["pk"].partition("#")[0] for item in items}
    assert kinds == {
        "code",
        "grant",
        "token",
        "post",
        "timeline",
        "account",
        "key",
        "last",
        "play",
        "container",
        "limit",
    }
    for item in items:
        assert at < item["expires_at"] < at + 61 * 86_400, json.dumps(item["pk"])
