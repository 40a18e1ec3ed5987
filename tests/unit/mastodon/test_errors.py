"""Mastodon's `error` is a sentence, often in the server's language and sometimes with the user's words in it."""

import httpx
import pytest

from punctual.providers.outcomes import OutcomeUnknown, Reconnect, Rejected, RetryLater, Unauthorized

DIALECT = [
    (400, "The access token is invalid", Unauthorized),
    (401, "The access token is invalid", Unauthorized),
    (401, "Der Zugriffstoken ist ungültig", Unauthorized),  # https://github.com/halcy/Mastodon.py/issues/408
    (403, "Invalid credentials.", Unauthorized),  # Pleroma
    (403, "This action is outside the authorized scopes", Reconnect),
    (403, "Insufficient permissions: write:statuses.", Reconnect),  # Pleroma
    (403, "Insufficient permissions: write:statuses & write:media.", Reconnect),
    (403, "Insufficient permissions: ask the administrator of this server", Rejected),
    (403, "This action is outside the authorized scopes of good taste", Rejected),
    (403, "Your login is currently disabled", Rejected),  # https://github.com/akrherz/iembot/issues/175
    (403, "This action is not allowed", Rejected),
    (400, "param is missing or the value is empty: status", Rejected),
    (404, "Record not found", Rejected),
    (422, "Validation failed: Text can't be blank", Rejected),
    (429, "Too many requests", RetryLater),
    (410, "Gone", RetryLater),
    (422, "Duplicate record", OutcomeUnknown),
    # A repeated key made some versions answer 500: https://github.com/mastodon/mastodon/issues/40399
    (500, "We're sorry, but something went wrong on our end.", OutcomeUnknown),
    # The lock of another call with this key: https://github.com/mastodon/mastodon/pull/37879
    (503, "There was a temporary problem serving your request, please try again", OutcomeUnknown),
    (301, "", OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "sentence", "outcome"), DIALECT)
def test_an_answer_to_publishing_is_sorted_by_what_to_do_next(mastodon, status, sentence, outcome):
    error = mastodon.error(httpx.Response(status, json={"error": sentence}), irreversible=True)
    assert type(error) is outcome
    assert error.status == status


@pytest.mark.parametrize(("status", "sentence"), [(row[0], row[1]) for row in DIALECT if row[1]])
@pytest.mark.parametrize("irreversible", [True, False])
def test_the_servers_sentence_is_never_passed_on(mastodon, status, sentence, irreversible):
    error = mastodon.error(httpx.Response(status, json={"error": sentence}), irreversible)
    assert sentence not in f"{error} {error.sentence} {error.platform_code}"


@pytest.mark.parametrize("status", [500, 503])
def test_a_call_that_changes_nothing_is_tried_again_later(mastodon, status):
    assert type(mastodon.error(httpx.Response(status), irreversible=False)) is RetryLater


def test_an_address_that_redirects_is_explained(mastodon):
    answer = httpx.Response(301, headers={"Location": "https://social.example/api/v1/apps"})
    error = mastodon.error(answer, irreversible=False)
    assert type(error) is Rejected
    assert "redirects" in error.sentence


@pytest.mark.parametrize("body", [b"", b"<html>nginx</html>", b"[]", b'"x"', b'{"error": {"code": 1}}'])
def test_an_answer_that_is_not_mastodons_is_sorted_by_its_status(mastodon, body):
    assert type(mastodon.error(httpx.Response(422, content=body), irreversible=True)) is Rejected
    assert type(mastodon.error(httpx.Response(502, content=body), irreversible=True)) is OutcomeUnknown


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Reset": "2026-11-22T16:05:00.123456Z"}, 300.123456),
        ({"X-RateLimit-Reset": "2026-11-22T17:05:00+01:00"}, 300),
        ({"X-RateLimit-Reset": "2026-11-22T16:05:00"}, 300),
        ({"X-RateLimit-Reset": "1795363500"}, 300),  # GoToSocial
        ({"X-RateLimit-Reset": "2026-11-22T15:00:00Z"}, 0),
        ({"X-RateLimit-Reset": "2026-11-22T16:05:00Z", "Retry-After": "7"}, 7),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({}, None),
    ],
)
def test_a_rate_limit_ends_when_its_header_says(mastodon, headers, seconds):
    error = mastodon.error(httpx.Response(429, headers=headers), irreversible=True)
    assert isinstance(error, RetryLater)
    assert error.retry_after == seconds
