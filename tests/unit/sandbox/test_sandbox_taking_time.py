"""Work that takes time: containers that are processed, publications that are accepted and land later."""

import pytest

from punctual.providers.outcomes import OutcomeUnknown, Processing, RetryLater
from punctual.providers.sandbox import Settings
from tests.unit.sandbox.far_side import PROTECTIONS, Kept, api, error

VIDEO = Settings(protection="handle", processing_seconds=90)


def status(far, login, path):
    return api(far, login, "GET", path).json()["status"]


def test_a_container_is_processed_for_as_long_as_it_was_asked_to_be(far, login):
    made = api(far, login, "POST", "/containers", protection="handle", more={"processing_seconds": 90}).json()
    assert made["status"] == "processing"
    far.clock.sleep(89.5)
    early = api(far, login, "POST", f"/containers/{made['id']}/publish")
    assert error(early) == (409, "not_ready")
    assert early.headers["retry-after"] == "1"
    assert status(far, login, f"/containers/{made['id']}") == "processing"
    assert far.timeline() == []
    far.clock.sleep(0.5)
    assert status(far, login, f"/containers/{made['id']}") == "ready"
    assert api(far, login, "POST", f"/containers/{made['id']}/publish").status_code == 201
    assert status(far, login, f"/containers/{made['id']}") == "published"


@pytest.mark.parametrize("seconds", [-1, 3601, "soon"])
def test_a_container_is_processed_for_an_hour_at_most(far, login, seconds):
    made = api(far, login, "POST", "/containers", protection="handle", more={"processing_seconds": seconds})
    assert error(made) == (400, "invalid_request")


def test_only_containers_are_processed(far, login):
    assert error(api(far, login, "POST", "/posts", more={"processing_seconds": 1})) == (400, "invalid_request")
    for protection in PROTECTIONS:
        settings = Settings(protection=protection, processing_seconds=1)
        rules = [broken.rule for broken in far.provider.check("Hello", settings, login.accounts[0])]
        assert rules == ([] if protection == "handle" else ["sandbox.processing_seconds.needs_handle"])


def test_a_container_is_made_once_and_then_asked_about_until_it_is_ready(far, login):
    kept = Kept()
    with pytest.raises(Processing) as working:
        far.provider.prepare(far.draft(login, "Hello", settings=VIDEO), login.grant, kept)
    assert working.value.retry_after == 90
    made = dict(kept.results)
    assert made["container"]
    far.clock.sleep(60)
    post = far.draft(login, "Hello", settings=VIDEO, prepared=made)
    with pytest.raises(Processing) as working:
        far.provider.prepare(post, login.grant, kept)
    assert working.value.retry_after == 30
    far.clock.sleep(30)
    assert far.prepared(post, login).prepared == made
    far.provider.publish(post, login.grant)
    assert far.texts() == ["Hello"]


def test_what_is_published_too_early_was_not_published(far, login):
    kept = Kept()
    with pytest.raises(Processing):
        far.provider.prepare(far.draft(login, "Hello", settings=VIDEO), login.grant, kept)
    post = far.draft(login, "Hello", settings=VIDEO, prepared=kept.results)
    with pytest.raises(RetryLater) as early:
        far.provider.publish(post, login.grant)
    assert (early.value.code, early.value.retry_after) == ("not_ready", 90)
    assert far.provider.find(post, login.grant) is None
    assert far.timeline() == []


def test_preparing_starts_early_enough_for_the_processing(far):
    assert far.provider.lead_seconds("Hello", VIDEO) == 150
    assert far.provider.lead_seconds("Hello", Settings(protection="handle")) == 0
    assert far.provider.lead_seconds("Hello", Settings(processing_seconds=90)) == 0


def test_a_platform_may_change_its_mind_about_what_is_ready(far, login, protection):
    post = far.post(login, "Hello [sandbox:unready=2]", protection)
    for _ in range(2):
        with pytest.raises(RetryLater) as early:
            far.provider.publish(post, login.grant)
        assert (early.value.code, early.value.retry_after) == ("not_ready", None)
        if protection == "handle":
            assert status(far, login, f"/containers/{post.prepared['container']}") == "ready"
    assert far.timeline() == []
    assert far.provider.publish(post, login.grant).platform_id == far.timeline()[0]["id"]


def test_a_publication_that_takes_time_is_accepted_and_asked_about(far, login, protection):
    post, wait = far.accepted(far.post(login, "Hello [sandbox:publishing=30]", protection), login)
    assert wait == 30
    far.clock.sleep(29.9)
    assert far.timeline() == []
    with pytest.raises(Processing) as working:
        far.provider.find(post, login.grant)
    assert working.value.retry_after == 1
    far.clock.sleep(0.1)
    found = far.provider.find(post, login.grant)
    assert (found.platform_id, found.url) == (far.timeline()[0]["id"], far.timeline()[0]["url"])
    assert far.timeline()[0]["arrived_at"] == "2026-11-22T16:00:00.123Z"


@pytest.mark.parametrize("protection", ["key", "chosen_id"])
def test_a_repetition_is_the_same_job_and_then_the_post(far, login, protection):
    first = far.post(login, "Hello [sandbox:publishing=30]", protection)
    accepted, _ = far.accepted(first, login)
    again, wait = far.accepted(first, login)
    assert (again, wait) == (accepted, 30)
    far.clock.sleep(30)
    assert far.provider.publish(first, login.grant) == far.provider.find(accepted, login.grant)
    assert len(far.timeline()) == 1


def test_a_container_at_work_is_not_published_again_and_says_so(far, login):
    post, _ = far.accepted(far.post(login, "Hello [sandbox:publishing=30]", "handle"), login)
    with pytest.raises(OutcomeUnknown) as refused:
        far.provider.publish(post, login.grant)
    assert refused.value.platform_code == "already_published"
    path = f"/containers/{post.prepared['container']}"
    assert status(far, login, path) == "publishing"
    far.clock.sleep(30)
    assert status(far, login, path) == "published"


def test_a_chosen_id_at_work_is_not_taken_for_absent_when_its_job_was_never_heard_of(far, login):
    post = far.post(login, "Hello [sandbox:publishing=30]", "chosen_id")
    accepted, _ = far.accepted(post, login)
    with pytest.raises(Processing) as working:
        far.provider.find(post, login.grant)
    assert working.value.kept == {"job": accepted.prepared["job"]}


def test_a_job_is_its_accounts_own(far, login):
    job = api(far, login, "POST", "/posts", text="[sandbox:publishing=30]").json()["job"]
    assert status(far, login, f"/jobs/{job}") == "publishing"
    assert error(api(far, far.login(handle="bob"), "GET", f"/jobs/{job}")) == (404, "no_such_job")
    assert error(api(far, login, "GET", f"/jobs/{job.removeprefix('job-')}")) == (404, "no_such_job")


def test_a_post_that_was_there_at_once_has_no_job(far, login):
    made = api(far, login, "POST", "/posts").json()["id"]
    for job in (f"job-{made}", made, "job-"):
        assert error(api(far, login, "GET", f"/jobs/{job}")) == (404, "no_such_job")


@pytest.mark.parametrize("protection", [name for name in PROTECTIONS if name != "handle"])
def test_a_job_that_is_gone_proves_nothing(far, login, protection):
    with pytest.raises(OutcomeUnknown):
        far.provider.find(far.draft(login, "Hello", protection, prepared={"job": "job-gone"}), login.grant)


def test_a_failure_can_be_scripted_for_the_look_at_a_job(far, login):
    post, _ = far.accepted(far.post(login, "[sandbox:publishing=9][sandbox:find.error_before]", "key"), login)
    with pytest.raises(RetryLater):
        far.provider.find(post, login.grant)
    with pytest.raises(Processing):
        far.provider.find(post, login.grant)


def test_a_search_shows_no_post_at_work(far, login):
    post = far.draft(login, "Hello [sandbox:publishing=30]", "search")
    far.accepted(post, login)
    assert far.provider.find(post, login.grant) is None
    far.clock.sleep(30)
    assert far.provider.find(post, login.grant)


def test_a_key_is_forgotten_when_its_script_says(far, login):
    post = far.draft(login, "Hello [sandbox:key_window=40]")
    assert far.provider.key_window_seconds(post) == 40
    first = far.provider.publish(post, login.grant)
    far.clock.sleep(39)
    assert far.provider.publish(post, login.grant) == first
    far.clock.sleep(1)
    assert far.provider.publish(post, login.grant) != first


@pytest.mark.parametrize(
    ("script", "seconds"),
    [("", 3600), ("[sandbox:publish.key_window=5]", 5), ("[sandbox:key_window=9][sandbox:key_window=0]", 0)],
)
def test_both_sides_read_the_same_window(far, login, script, seconds):
    post = far.draft(login, f"Hello {script}")
    assert far.provider.key_window_seconds(post) == seconds
    far.provider.publish(post, login.grant)
    far.clock.sleep(max(0, seconds - 1))
    far.provider.publish(post, login.grant)
    assert len(far.timeline()) == (1 if seconds else 2)
    assert far.provider.key_window_seconds(far.draft(login, post.text, "search")) == 0


@pytest.mark.parametrize(
    "directive",
    [
        *("prepare.publishing=3", "find.publishing=3", "prepare.unready", "find.unready", "prepare.key_window=3"),
        *("find.search_lag=3", "publishing", "limit", "last", "key_window", "error_200=x"),
    ],
)
def test_a_directive_that_its_stage_does_not_know_is_refused(far, login, directive):
    assert error(api(far, login, "POST", "/posts", text=f"[sandbox:{directive}]")) == (422, "unknown_directive")
    assert far.timeline() == []
