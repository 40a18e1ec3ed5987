"""A video: in parts to the service, waited for, and then a blob like any other. Written against a small service."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Login, Outgoing
from punctual.providers.bluesky import Bluesky
from punctual.providers.outcomes import (
    Processing,
    ProviderError,
    Reconnect,
    Rejected,
    RetryLater,
    Unfinished,
    Unprepared,
)
from tests.attachments import attachment, reads_of
from tests.contract.bluesky.blobs import failed
from tests.contract.bluesky.session import Session, outgoing, public, record_of
from tests.kept import Kept

MOVING = b"a film of five and twenty"  # 25 bytes, so 3 parts
VIDEO = attachment(MOVING, kind="video", alt_text="A dog runs", width=1080, height=1920)


@pytest.fixture
def session() -> Session:
    return Session()


def go_on(session: Session, login: Login, kept: Kept, **changed: Any) -> Outgoing:
    """`prepare` once more, and the post with what it kept."""
    post = outgoing("Hi", login.accounts[0], media=(VIDEO,), prepared=dict(kept.results), **changed)
    session.provider.prepare(post, login.grant, kept)
    return replace(post, prepared=dict(kept.results))


def test_a_video_is_made_and_shown_with_its_alt_text_and_shape(session: Session):
    login = session.login()
    post = go_on(session, login, Kept())
    session.provider.publish(post, login.grant)

    (record,) = session.far_side.records.values()
    embed = record["embed"]
    assert (embed["$type"], embed["alt"]) == ("app.bsky.embed.video", "A dog runs")
    assert embed["aspectRatio"] == {"width": 1080, "height": 1920}
    assert session.far_side.blobs.held[embed["video"]["ref"]["$link"]] == MOVING
    assert session.far_side.videos.parts_sent == [1, 2, 3]
    about = session.far_side.videos.about
    assert (about["sizeBytes"], about["durationMs"], about["width"]) == (25, 12_500, 1080)


def test_the_service_gets_a_token_of_its_own_and_never_the_accounts(session: Session):
    login = session.login()
    go_on(session, login, Kept())
    told = [request.headers.get("Authorization", "") for request in session.far_side.seen if is_service(request)]
    assert told
    assert not any(login.grant.access_token.get_secret_value() in each for each in told)


def is_service(request: httpx.Request) -> bool:
    return request.headers["Host"] == "video.bsky.app"


def test_while_it_is_being_made_it_is_asked_for_and_never_sent_again(session: Session):
    login, kept = session.login(), Kept()
    session.far_side.videos.looks = 3
    for _ in range(2):
        with pytest.raises(Processing):
            go_on(session, login, kept)
    post = go_on(session, login, kept)
    assert session.far_side.videos.parts_sent == [1, 2, 3]
    assert session.provider.publish(post, login.grant)


@pytest.mark.parametrize("part", [1, 2, 3])
def test_a_part_whose_answer_was_lost_is_the_first_that_is_sent_again_or_not_at_all(session: Session, part: int):
    login, kept = session.login(), Kept()
    original = session.far_side.videos.answer

    def broken(request: httpx.Request) -> httpx.Response:
        answered = original(request)
        if request.url.params.get("partNumber") == str(part):
            raise httpx.ReadError("the connection broke", request=request)
        return answered

    session.far_side.videos.answer = broken  # type: ignore[method-assign]
    with pytest.raises(RetryLater):
        go_on(session, login, kept)
    session.far_side.videos.answer = original  # type: ignore[method-assign]
    go_on(session, login, kept)
    assert session.far_side.videos.parts_sent == [1, 2, 3], "the service was asked how much it has"


def test_a_worker_without_time_leaves_the_next_part_to_another(session: Session):
    class Late(Kept):
        def yield_if_late(self, seconds: float | None = None) -> None:
            if len(session.far_side.videos.parts_sent) == 2:
                raise Unfinished()

    login, kept = session.login(), Late()
    with pytest.raises(Unfinished):
        go_on(session, login, kept)
    assert session.far_side.videos.parts_sent == [1, 2]
    go_on(session, login, Kept(kept.results))
    assert session.far_side.videos.parts_sent == [1, 2, 3]


def test_a_part_is_read_bit_by_bit_as_it_is_sent(session: Session):
    """Its size is the service's to choose, and ten posts are prepared side by side."""
    session.far_side.videos.part_bytes = 4 * 2**20
    film = attachment(bytes(5 * 2**20), kind="video")
    login, kept = session.login(), Kept()
    session.provider.prepare(outgoing("Hi", login.accounts[0], media=(film,)), login.grant, kept)
    assert session.far_side.videos.parts_sent == [1, 2]
    assert max(length for _, length in reads_of(film)) <= 2**20


def test_a_finish_whose_answer_was_lost_is_asked_for_again(session: Session):
    login, kept = session.login(), Kept()
    original = session.far_side.videos.answer

    def broken(request: httpx.Request) -> httpx.Response:
        answered = original(request)
        if request.url.path.endswith("finishUpload"):
            raise httpx.ReadError("the connection broke", request=request)
        return answered

    session.far_side.videos.answer = broken  # type: ignore[method-assign]
    with pytest.raises(RetryLater):
        go_on(session, login, kept)
    session.far_side.videos.answer = original  # type: ignore[method-assign]
    assert record_of(go_on(session, login, kept))["embed"]["video"]["size"] == 25
    assert session.far_side.videos.parts_sent == [1, 2, 3]


def test_a_file_that_the_service_has_already_is_made_once(session: Session):
    login = session.login()
    one, two = go_on(session, login, Kept()), go_on(session, login, Kept(), key="dlv_2-1")
    assert record_of(one)["embed"]["video"] == record_of(two)["embed"]["video"]
    assert len(session.far_side.videos.jobs) == 1


@pytest.mark.parametrize("state", ["expired", "aborted", "gone"])
def test_an_upload_that_the_service_gave_up_is_begun_anew(session: Session, state: str):
    login, kept, videos = session.login(), Kept(), session.far_side.videos
    original, videos.answer = videos.answer, stopping_at_part(videos, 2)  # type: ignore[method-assign]
    with pytest.raises(RetryLater):
        go_on(session, login, kept)
    videos.answer = original  # type: ignore[method-assign]
    if state == "gone":
        videos.uploads.clear()
    else:
        videos.uploads["upload-0"]["state"] = state
    with pytest.raises(RetryLater) as lost:
        go_on(session, login, kept)
    assert lost.value.code == "upload_lost"
    assert record_of(go_on(session, login, kept))["embed"]["video"]["size"] == 25


def stopping_at_part(videos: Any, part: int) -> Any:
    original = videos.answer

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("partNumber") == str(part):
            return httpx.Response(503)
        found: httpx.Response = original(request)
        return found

    return answer


def test_parts_that_the_service_lost_are_sent_again(session: Session):
    login, kept, videos = session.login(), Kept(), session.far_side.videos
    original, videos.answer = videos.answer, stopping_at_part(videos, 3)  # type: ignore[method-assign]
    with pytest.raises(RetryLater):
        go_on(session, login, kept)
    videos.answer = original  # type: ignore[method-assign]
    del videos.uploads["upload-0"]["parts"][1]
    go_on(session, login, kept)
    assert videos.parts_sent == [1, 2, 1, 2, 3], "what follows a gap is sent again, too"


@pytest.mark.parametrize("code", ["ServiceOverloaded", "TooManyOpenUploads", "UploadNotReady", "MissingParts"])
def test_a_busy_service_is_asked_again_later(session: Session, code: str):
    session.far_side.videos.answers_next = [failed(400, code)]
    with pytest.raises(RetryLater) as busy:
        go_on(session, session.login(), Kept())
    assert (busy.value.code, busy.value.platform_code, busy.value.retry_after) == ("video_busy", code, 15)


def test_what_the_service_says_of_its_token_condemns_no_grant(session: Session):
    for code in ("InvalidToken", "AccountTakedown"):
        session.far_side.videos.answers_next = [failed(401, code)]
        with pytest.raises(ProviderError) as told:
            go_on(session, session.login(), Kept())
        assert isinstance(told.value, RetryLater)


def test_an_account_that_the_home_server_does_not_let_in_must_be_connected_again(session: Session):
    login = session.login()
    session.far_side.answers_next = [failed(401, "AccountTakedown")]
    with pytest.raises(Reconnect):
        go_on(session, login, Kept())


def test_the_services_limits_are_not_those_of_the_account(session: Session):
    noted: list[Any] = []
    session.provider = session.provider.noting(noted.append)
    session.far_side.videos.answers_next = [httpx.Response(429, headers={"Retry-After": "60"})]
    with pytest.raises(RetryLater):
        go_on(session, session.login(), Kept())
    assert not noted


@pytest.mark.parametrize(
    "code", ["validation_failure", "encoding_failure", "generic_failure", "a sentence, not a code"]
)
def test_a_video_that_nothing_could_be_made_of_is_refused(session: Session, code: str):
    session.far_side.videos.fails_with = code
    with pytest.raises(Rejected) as refused:
        go_on(session, session.login(), Kept())
    assert refused.value.code == "media_refused"
    assert refused.value.platform_code == (code if code in ("validation_failure", "encoding_failure") else None)


def test_a_blob_that_the_home_server_did_not_take_is_made_anew(session: Session):
    login, kept = session.login(), Kept()
    session.far_side.videos.fails_with = "pds_upload_failure"
    with pytest.raises(RetryLater) as lost:
        go_on(session, login, kept)
    assert lost.value.code == "upload_lost"
    session.far_side.videos.fails_with = ""
    assert record_of(go_on(session, login, kept))["embed"]


def test_a_video_whose_blob_is_gone_is_sent_anew_for_the_same_post(session: Session):
    login = session.login()
    post = go_on(session, login, Kept())
    session.far_side.blobs.let_go()
    with pytest.raises(Unprepared) as told:
        session.provider.publish(post, login.grant)
    left = {name: value for name, value in {**post.prepared, **told.value.kept}.items() if value is not None}
    session.provider.publish(go_on(session, login, Kept(left)), login.grant)
    assert len(session.far_side.records) == 1


@pytest.mark.parametrize(
    "plan",
    [
        {},
        {"jobId": "1"},
        {"jobId": "1", "partSizeBytes": 0},
        {"jobId": "1", "partSizeBytes": 2**40},
        {"jobId": 1, "partSizeBytes": 10},
    ],
)
def test_a_plan_that_makes_no_sense_is_not_followed(session: Session, plan: dict[str, Any]):
    session.far_side.videos.answers_next = [httpx.Response(200, json=plan)]
    with pytest.raises(RetryLater) as told:
        go_on(session, session.login(), Kept())
    assert told.value.code == "unreadable_answer"


@pytest.mark.parametrize("answer", [{}, {"completedJobId": 7}, {"completedJobId": None}])
def test_a_finish_that_names_no_job_is_asked_for_again(session: Session, answer: dict[str, Any]):
    login, kept, videos = session.login(), Kept(), session.far_side.videos
    original = videos.answer

    def unclear(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("finishUpload"):
            return httpx.Response(200, json=answer)
        return original(request)

    videos.answer = unclear  # type: ignore[method-assign]
    with pytest.raises(RetryLater) as told:
        go_on(session, login, kept)
    assert told.value.code == "unreadable_answer"
    videos.answer = original  # type: ignore[method-assign]
    assert record_of(go_on(session, login, kept))["embed"]


def test_a_server_that_gives_no_token_is_asked_again(session: Session):
    login = session.login()
    session.far_side.answers_next = [httpx.Response(200, json={"token": None})]
    with pytest.raises(RetryLater) as told:
        go_on(session, login, Kept())
    assert told.value.code == "unreadable_answer"


def test_the_token_is_good_for_as_long_as_a_video_may_take(session: Session):
    login = session.login()
    go_on(session, login, Kept())
    asked = next(request for request in session.far_side.seen if request.url.path.endswith("getServiceAuth"))
    assert int(asked.url.params["exp"]) == int((session.clock() + timedelta(minutes=30)).timestamp())
    assert asked.url.params["aud"] == "did:web:enoki.example"


def test_a_server_on_a_port_of_its_own_is_named_with_it(session: Session):
    """https://w3c-ccg.github.io/did-method-web/#method-specific-identifier"""
    login, asked = session.login(), []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["aud"])
        return failed(400, "InvalidRequest")

    http = GuardedHttp(transport=httpx.MockTransport(answer), allow_private=True, resolve=public)
    at_home = replace(login.grant, server="http://localhost:2583")
    with pytest.raises(Rejected):
        Bluesky(http, session.clock).prepare(outgoing("Hi", login.accounts[0], media=(VIDEO,)), at_home, Kept())
    assert asked == ["did:web:localhost%3A2583"]
