"""Every failure a text can script, under every class of duplicate protection."""

from dataclasses import replace

import pytest

from punctual.providers.outcomes import OutcomeUnknown, Reconnect, Rejected, RetryLater, Unauthorized

RESENDS_SAFELY = {"key", "chosen_id"}
REFUSES_A_RESEND = {"handle": "already_published", "duplicate_rejection": "duplicate"}
CAN_BE_ASKED = {"chosen_id", "handle", "duplicate_rejection", "search"}
WRITTEN_BUT_UNKNOWN = ["error_after", "cut", "hang=21", "slow=21", "late=5"]
SETTLED = 80


@pytest.mark.parametrize("failure", WRITTEN_BUT_UNKNOWN)
def test_a_write_without_an_answer_is_unknown_and_can_be_asked_about_where_the_class_lets_one(
    far, login, protection, failure
):
    post = far.post(login, f"Hello [sandbox:{failure}]", protection)
    with pytest.raises(OutcomeUnknown):
        far.provider.publish(post, login.grant)
    far.clock.sleep(SETTLED)
    assert len(far.timeline()) == 1
    found = far.provider.find(post, login.grant)
    if protection in CAN_BE_ASKED:
        assert (found.platform_id, found.url) == (far.timeline()[0]["id"], far.timeline()[0]["url"])
    else:
        assert found is None


@pytest.mark.parametrize("failure", WRITTEN_BUT_UNKNOWN)
def test_a_second_sending_does_to_the_timeline_what_the_class_says(far, login, protection, failure):
    post = far.post(login, f"Hello [sandbox:{failure}]", protection)
    with pytest.raises(OutcomeUnknown):
        far.provider.publish(post, login.grant)
    if protection in REFUSES_A_RESEND:
        with pytest.raises(OutcomeUnknown) as refused:
            far.provider.publish(post, login.grant)
        assert refused.value.platform_code == REFUSES_A_RESEND[protection]
    else:
        again = far.provider.publish(post, login.grant)
    far.clock.sleep(SETTLED)
    on_timeline = [shown["id"] for shown in far.timeline()]
    assert len(on_timeline) == (2 if protection in ("search", "none") else 1)
    if protection in RESENDS_SAFELY:
        assert on_timeline == [again.platform_id]


def test_an_error_before_the_write_looks_the_same_and_leaves_nothing(far, login, protection):
    post = far.post(login, "Hello [sandbox:error_before]", protection)
    with pytest.raises(OutcomeUnknown):
        far.provider.publish(post, login.grant)
    far.clock.sleep(SETTLED)
    assert far.timeline() == []
    assert far.provider.find(post, login.grant) is None
    published = far.provider.publish(post, login.grant)
    assert [shown["id"] for shown in far.timeline()] == [published.platform_id]


def test_a_late_write_is_seen_by_nobody_until_it_lands(far, login, protection):
    post = far.post(login, "Hello [sandbox:late=5]", protection)
    with pytest.raises(OutcomeUnknown) as unknown:
        far.provider.publish(post, login.grant)
    assert unknown.value.status == 504
    far.clock.sleep(4.9)
    assert far.timeline() == []
    assert far.provider.find(post, login.grant) is None
    far.clock.sleep(0.2)
    assert len(far.timeline()) == 1


def test_a_search_lags_while_an_id_or_a_handle_answers_at_once(far, login, protection):
    post = far.post(login, "Hello [sandbox:search_lag=30]", protection)
    far.provider.publish(post, login.grant)
    far.clock.sleep(29)
    assert (far.provider.find(post, login.grant) is not None) == (protection in ("chosen_id", "handle"))
    far.clock.sleep(2)
    assert (far.provider.find(post, login.grant) is not None) == (protection in CAN_BE_ASKED)
    assert len(far.timeline()) == 1


def test_a_rate_limit_says_how_long_to_wait_and_ends_after_its_calls(far, login, protection):
    post = far.post(login, "Hello [sandbox:rate_limit=2]", protection)
    for _ in range(2):
        with pytest.raises(RetryLater) as limited:
            far.provider.publish(post, login.grant)
        assert (limited.value.code, limited.value.retry_after) == ("rate_limited", 2)
    assert far.timeline() == []
    assert far.provider.publish(post, login.grant).platform_id == far.timeline()[0]["id"]


def test_a_refusal_stays_a_refusal(far, login, protection):
    post = far.post(login, "Hello [sandbox:refuse]", protection)
    for _ in range(3):
        with pytest.raises(Rejected) as refused:
            far.provider.publish(post, login.grant)
        assert refused.value.platform_code == "refused"
    assert far.timeline() == []


def test_a_stale_token_is_worth_one_refresh_and_one_more_try(far, login, protection):
    post = far.post(login, "Hello [sandbox:stale_token]", protection)
    with pytest.raises(Unauthorized):
        far.provider.publish(post, login.grant)
    assert far.timeline() == []
    refreshed = far.provider.refresh(login.grant, far.app)
    far.provider.publish(post, refreshed)
    assert len(far.timeline()) == 1


def test_a_revoked_grant_is_dead_until_the_person_connects_again(far, login, protection):
    post = far.post(login, "Hello [sandbox:revoked]", protection)
    for _ in range(2):
        with pytest.raises(Reconnect) as dead:
            far.provider.publish(post, login.grant)
        assert not isinstance(dead.value, Unauthorized)
    with pytest.raises(Reconnect):
        far.provider.refresh(login.grant, far.app)
    assert far.timeline() == []
    far.provider.publish(post, far.login().grant)
    assert len(far.timeline()) == 1


def test_slow_within_the_deadline_is_only_slow(far, login, protection):
    post = far.post(login, "Hello [sandbox:slow=5]", protection)
    before = far.clock.now()
    far.provider.publish(post, login.grant)
    assert (far.clock.now() - before).total_seconds() == 5
    assert len(far.timeline()) == 1


def test_a_script_is_played_in_the_order_it_is_written(far, login):
    post = far.post(login, "[sandbox:rate_limit][sandbox:error_after][sandbox:revoked] Hello", "search")
    for expected in (RetryLater, OutcomeUnknown, Reconnect):
        with pytest.raises(expected):
            far.provider.publish(post, login.grant)
    assert len(far.timeline()) == 1


def test_a_text_scheduled_again_plays_its_script_again(far, login):
    text = "Hello [sandbox:error_before]"
    for key in ("dlv_1-0-1", "dlv_2-0-1"):
        post = far.post(login, text, key=key)
        with pytest.raises(OutcomeUnknown):
            far.provider.publish(post, login.grant)
        far.provider.publish(post, login.grant)
    assert len(far.timeline()) == 2


def test_a_failure_can_be_scripted_for_the_work_before_the_post(far, login):
    text = "Hello [sandbox:prepare.error_after][sandbox:prepare.rate_limit]"
    with pytest.raises(RetryLater):
        far.post(login, text, "handle")
    with pytest.raises(RetryLater):
        far.post(login, text, "handle")
    far.provider.publish(far.post(login, text, "handle"), login.grant)
    assert far.texts() == [text]


def test_each_stage_plays_its_own_script(far, login):
    text = "Hello [sandbox:prepare.rate_limit][sandbox:error_before][sandbox:find.error_before]"
    with pytest.raises(RetryLater):
        far.post(login, text, "handle")
    post = far.post(login, text, "handle")
    with pytest.raises(OutcomeUnknown):
        far.provider.publish(post, login.grant)
    with pytest.raises(RetryLater):
        far.provider.find(post, login.grant)
    assert far.provider.find(post, login.grant) is None


@pytest.mark.parametrize("protection", ["handle", "search"])
def test_a_failure_can_be_scripted_for_the_look(far, login, protection):
    post = far.post(login, "Hello [sandbox:find.error_before][sandbox:find.revoked]", protection)
    far.provider.publish(post, login.grant)
    for expected in (RetryLater, Reconnect):
        with pytest.raises(expected):
            far.provider.find(post, login.grant)
    assert far.provider.find(post, far.login().grant).platform_id == far.timeline()[0]["id"]


@pytest.mark.parametrize("directive", ["oops", "late", "rate_limit=x", "slow=-1", "", "later.cut"])
def test_a_directive_that_is_not_known_is_refused_rather_than_ignored(far, login, directive):
    with pytest.raises(Rejected) as refused:
        far.provider.publish(far.post(login, f"Hello [sandbox:{directive}]"), login.grant)
    assert refused.value.platform_code == "unknown_directive"
    assert far.timeline() == []


def test_the_hour_of_a_key_is_over_after_an_hour(far, login):
    post = far.post(login, "Hello [sandbox:error_after]", "key")
    with pytest.raises(OutcomeUnknown):
        far.provider.publish(post, login.grant)
    far.clock.sleep(far.provider.key_window_seconds(post) - 1)
    first = far.provider.publish(post, login.grant)
    far.clock.sleep(1)
    assert far.provider.publish(post, login.grant) != first
    assert len(far.timeline()) == 2


def test_a_container_that_is_gone_proves_nothing(far, login):
    post = far.post(login, "Hello", "handle")
    far.clock.sleep(86_399)
    assert far.provider.find(post, login.grant) is None
    far.clock.sleep(1)
    fresh = far.login().grant
    for asked in (post, replace(post, prepared={})):
        with pytest.raises(OutcomeUnknown):
            far.provider.find(asked, fresh)


def test_a_prepared_container_is_never_made_again(far, login):
    post = far.post(login, "Hello", "handle")
    assert far.post(login, "Hello", "handle", prepared=post.prepared).prepared == post.prepared
    assert far.post(login, "Hello", "handle").prepared != post.prepared


def test_a_post_that_was_not_prepared_is_not_sent(far, login):
    post = replace(far.post(login, "Hello", "handle"), prepared={})
    with pytest.raises(RetryLater):
        far.provider.publish(post, login.grant)


def test_a_search_never_takes_an_earlier_post_with_the_same_text_for_ours(far, login):
    far.provider.publish(far.post(login, "Hello", "search"), login.grant)
    far.clock.sleep(60)
    post = far.post(login, "Hello", "search")
    assert far.provider.find(post, login.grant) is None
    ours = far.provider.publish(post, login.grant)
    far.clock.sleep(60)
    assert far.provider.find(post, login.grant) == ours


@pytest.mark.parametrize(
    "text", ["a,b & c+d=é %41 #?", "\n two\tlines \n", "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 500]
)
@pytest.mark.parametrize("protection", ["duplicate_rejection", "search", "chosen_id", "handle"])
def test_any_text_that_fits_is_found_again(far, login, protection, text):
    post = far.post(login, text, protection)
    published = far.provider.publish(post, login.grant)
    assert far.provider.find(post, login.grant) == published
    assert far.texts() == [text]


def test_nothing_is_looked_for_that_was_never_sent(far, login):
    far.provider.publish(far.post(login, "Hello", "search"), login.grant)
    assert far.provider.find(far.post(login, "Hello", "search", first_sent_at=None), login.grant) is None
