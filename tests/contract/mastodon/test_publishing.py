from datetime import timedelta

import httpx
import pytest

from punctual.providers.mastodon import Settings
from punctual.providers.outcomes import OutcomeUnknown, Reconnect, Rejected, RetryLater, Unauthorized
from tests.contract.mastodon.far_side import failed


def test_a_post_goes_out_with_its_settings(session, far_side):
    settings = Settings(visibility="unlisted", spoiler_text="Plot", sensitive=True, language="de")
    published = session.publish("Grüße", settings=settings)
    status = far_side.statuses[0]
    assert published.platform_id == status["id"]
    assert published.url == f"https://mastodon.example/@kim/{status['id']}"
    assert (status["visibility"], status["spoiler_text"], status["text"]) == ("unlisted", "Plot", "Grüße")


def test_settings_that_were_not_chosen_are_left_to_the_account(session, far_side):
    session.publish()
    assert far_side.seen[-1].content == b'{"status":"Hello"}'


def test_the_same_key_again_gives_the_same_post(session, far_side):
    first = session.publish()
    assert session.publish() == first
    assert len(far_side.statuses) == 1


def test_the_key_is_trusted_for_less_time_than_the_server_keeps_it(session, far_side, clock):
    first = session.publish()
    clock.advance(seconds=session.provider.key_window_seconds(session.post()) + 20)
    assert session.publish() == first


def test_an_answer_that_was_lost_is_made_good_by_the_key(session, far_side, clock):
    far_side.loses_answers = True
    with pytest.raises(OutcomeUnknown):
        session.publish()
    far_side.loses_answers = False
    clock.advance(minutes=2)
    assert session.publish().platform_id == far_side.statuses[0]["id"]
    assert len(far_side.statuses) == 1


def test_a_server_not_known_to_honour_keys_is_trusted_with_none(compatible_session, compatible_side):
    first, second = compatible_session.publish(), compatible_session.publish()
    assert first != second
    assert compatible_session.provider.key_window_seconds(compatible_session.post()) == 0


def test_a_text_over_the_servers_limit_is_refused_without_quoting_it(session):
    with pytest.raises(Rejected) as refused:
        session.publish("secret " * 100)
    assert "secret" not in f"{refused.value!r} {refused.value.__dict__}"


def test_a_spent_rate_limit_says_when_to_come_back(session, far_side):
    far_side.calls_left = 0
    with pytest.raises(RetryLater) as refused:
        session.publish()
    assert refused.value.retry_after == 300
    assert not far_side.statuses


def test_a_disabled_account_is_a_refusal_that_a_new_consent_would_not_mend(session, far_side):
    far_side.disabled = True
    with pytest.raises(Rejected, match="look at the account there"):
        session.publish()


def test_a_connection_without_the_right_to_write_must_be_made_again(session, far_side):
    far_side.tokens = dict.fromkeys(far_side.tokens, "read:accounts")
    with pytest.raises(Reconnect) as refused:
        session.publish()
    assert refused.value.code == "scope_missing"
    assert not isinstance(refused.value, Unauthorized)


def test_a_dead_token_is_recognised_where_a_server_answers_400(compatible_session, compatible_side):
    compatible_side.tokens.clear()
    with pytest.raises(Unauthorized):
        compatible_session.publish()


@pytest.mark.parametrize("answer", [{}, {"id": None}, [], "gone"])
def test_a_success_that_names_no_post_leaves_the_outcome_open(session, far_side, answer):
    far_side.answers_next = [httpx.Response(200, json=answer)]
    with pytest.raises(OutcomeUnknown):
        session.publish()


@pytest.mark.parametrize("status", [302, 500, 502, 503])
def test_an_error_of_the_server_leaves_the_outcome_open(session, far_side, status):
    far_side.answers_next = [failed(status, "There was a temporary problem serving your request, please try again")]
    with pytest.raises(OutcomeUnknown):
        session.publish()


def test_a_repeat_that_the_server_calls_a_duplicate_leaves_the_outcome_open(session, far_side):
    far_side.answers_next = [failed(422, "Duplicate record")]
    with pytest.raises(OutcomeUnknown):
        session.publish()


def test_a_link_is_a_web_address_or_nothing(session, far_side):
    far_side.answers_next = [httpx.Response(200, json={"id": "7", "url": None, "uri": "https://mastodon.example/s/7"})]
    assert session.publish().url == "https://mastodon.example/s/7"
    far_side.answers_next = [httpx.Response(200, json={"id": "7", "url": "javascript:alert(1)"})]
    assert session.publish().url == ""


def test_the_whole_hour_of_the_key_is_over_in_time(session, far_side, clock):
    first = session.publish()
    clock.moment += timedelta(hours=1)
    assert session.publish() != first
