"""Posts that carry media: what is stored and answered, who needs which file, and what is asked to be made of it."""

from dataclasses import replace
from typing import Any

import pytest

from punctual.channels import Channels
from punctual.deliveries import Deliveries
from punctual.media.library import Refusal
from punctual.media.renditions import Renditions
from punctual.providers.base import Account
from tests.integration.api.deployed import Deployed
from tests.integration.api.media_rows import channel, files, renditions, rules, used
from tests.integration.api.tenant import Tenant
from tests.media.rows import GIF, HEIC, JPEG, MP4, Rows

__all__ = ["channel", "files"]


def only_delivery(post: dict[str, Any]) -> dict[str, Any]:
    (found,) = post["deliveries"]
    return found  # type: ignore[no-any-return]


def changed(tenant: Tenant, post: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = tenant.api.patch(f"/v1/posts/{post['id']}", json=fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_post_needs_no_text_where_it_has_media_and_is_answered_as_it_was_written(
    tenant: Tenant, channel: str, files: Rows
) -> None:
    first, second = files.ready(alt_text="A cat"), files.ready()
    post = tenant.post(None, channel, media=[{"id": first}, {"id": second, "alt_text": "A dog"}]).json()
    plain = {"cover_ms": None, "cover_id": None}
    assert post["media"] == [
        {"id": first, "alt_text": None, **plain},
        {"id": second, "alt_text": "A dog", **plain},
    ]
    carried = [
        {"id": first, "alt_text": "A cat", **plain, "rendition": None},
        {"id": second, "alt_text": "A dog", **plain, "rendition": None},
    ]
    delivery = only_delivery(post)
    assert (delivery["text"], delivery["media"], delivery["parts"][0]["media"]) == ("", carried, carried)
    assert (post["text"], post["status"], post["warnings"]) == (None, "SCHEDULED", [])


def test_the_closest_list_wins_whole_and_an_empty_one_is_none(tenant: Tenant, channel: str, files: Rows) -> None:
    others = [tenant.connect(name) for name in ("bob", "cid", "dot")]
    one, two, three = files.ready(), files.ready(), files.ready()
    targets = [
        {"channel_id": channel},
        {"channel_id": others[0], "media": [{"id": three}, {"id": one}]},
        {"channel_id": others[1], "media": []},
        {"channel_id": others[2], "text": "", "media": [{"id": three, "alt_text": ""}]},
    ]
    overrides = {"sandbox": {"media": [{"id": two}]}}
    post = tenant.post("Hello", targets=targets, overrides=overrides, media=[{"id": one}]).json()
    assert [[each["id"] for each in delivery["media"]] for delivery in post["deliveries"]] == [
        [two],
        [three, one],
        [],
        [three],
    ]
    assert [delivery["text"] for delivery in post["deliveries"]] == ["Hello", "Hello", "Hello", ""]
    assert [target["media"] is None for target in post["targets"]] == [True, False, False, False]
    assert [each["id"] for each in post["overrides"]["sandbox"]["media"]] == [two]


def test_parts_of_a_thread_and_a_comment_carry_their_own(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows
) -> None:
    one, two = files.ready(), files.ready()
    thread, comment = [{"text": "Two"}, {"media": [{"id": one}]}], {"text": "And", "media": [{"id": two}]}
    post = tenant.post("One", channel, thread=thread, first_comment=comment).json()
    parts = only_delivery(post)["parts"]
    assert [[each["id"] for each in part["media"]] for part in parts] == [[], [], [one], [two]]
    assert [[each["id"] for each in part["media"]] for part in post["thread"]] == [[], [one]]
    (stored,) = Deliveries(deployed.table("WorkTable")).of_post(post["id"])
    assert [part.media for part in stored.follow_ups] == [(), (), ()], "what was written is the post's"


def test_who_needs_a_file_is_known_through_every_change_of_a_post(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows
) -> None:
    one, two, cover, video = files.ready(), files.ready(), files.ready(), files.ready(MP4)
    post = tenant.post("Hello", channel, media=[{"id": one}]).json()
    draft = tenant.drafted("Draft", overrides={"sandbox": {"media": [{"id": two}]}})
    assert used(deployed) == {(one, post["id"]), (two, draft["id"])}
    changed(tenant, post, media=[{"id": video, "cover_id": cover}], thread=[{"media": [{"id": two}]}])
    mine = {(each, post["id"]) for each in (video, cover, two)}
    assert used(deployed) == {*mine, (two, draft["id"])}
    copy = tenant.api.post(f"/v1/posts/{post['id']}/duplicate", json={}).json()
    its = {(each, copy["id"]) for each in (video, cover, two)}
    assert used(deployed) == {*mine, *its, (two, draft["id"])}
    for each in (draft, copy):
        assert tenant.api.delete(f"/v1/posts/{each['id']}").status_code == 200
    assert used(deployed) == mine
    tenant.api.post(f"/v1/posts/{post['id']}/cancel")
    assert used(deployed) == mine, "a copy may be made of what was cancelled"
    assert tenant.api.delete(f"/v1/posts/{post['id']}").status_code == 200
    assert used(deployed) == set()


def test_a_change_leaves_media_alone_that_it_does_not_name_and_null_clears_them(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows
) -> None:
    one = files.ready()
    post = tenant.post("Hello", channel, media=[{"id": one}]).json()
    after = changed(tenant, post, text="Else")
    assert (after["media"], only_delivery(after)["media"]) == (post["media"], only_delivery(post)["media"])
    after = changed(tenant, post, media=None)
    assert (after["media"], only_delivery(after)["media"]) == ([], [])
    assert used(deployed) == set()


def test_a_file_that_a_post_needs_is_not_deleted(deployed: Deployed, tenant: Tenant, channel: str, files: Rows) -> None:
    one = files.ready()
    post = tenant.post("Hello", channel, media=[{"id": one}]).json()
    answer = tenant.api.delete(f"/v1/media/{one}")
    assert (answer.status_code, answer.json()["code"]) == (409, "media_in_use")
    changed(tenant, post, media=[])
    assert tenant.api.delete(f"/v1/media/{one}").status_code == 204
    answer = tenant.api.patch(f"/v1/posts/{post['id']}", json={"media": [{"id": one}]})
    assert rules(answer) == [("/media/0/id", "media.exists")]


def test_what_is_to_be_made_is_asked_for_once_when_the_post_is_scheduled(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows
) -> None:
    picture, moving = files.ready(HEIC), files.ready(GIF)
    targets = [{"channel_id": channel}, {"channel_id": tenant.connect("bob"), "media": [{"id": moving}]}]
    sent = len(deployed.media_queue.sent)
    draft = tenant.drafted("Hello", targets=targets, media=[{"id": picture}])
    assert renditions(deployed) == []
    post = changed(tenant, draft, scheduled_at=tenant.later(60))
    (made,) = renditions(deployed)
    assert (made["media_id"], made["recipe"]["type"], made["status"]) == (picture, "image/jpeg", "pending")
    assert post["deliveries"][0]["media"][0]["rendition"] == made["key"]
    assert post["deliveries"][1]["media"][0]["rendition"] is None
    told = [each["media_id"] for each in deployed.media_queue.sent[sent:]]
    assert told == [picture]


def test_what_was_tried_before_and_could_not_be_made_is_told_at_once(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows
) -> None:
    picture = files.ready(HEIC)
    post = tenant.post("Hello", channel, media=[{"id": picture}]).json()
    made = Renditions(deployed.table("WorkTable"), deployed.clock.now)
    (pending,) = made.of(tenant.workspace_id, picture)
    made.settle(pending, refusal=Refusal(code="cannot_fit", message="It stays too large."))
    answer = tenant.post("Again", channel, media=[{"id": picture}])
    assert rules(answer) == [("/media/0", "media.fits")]
    assert "It stays too large." in answer.json()["errors"][0]["message"]
    assert used(deployed) == {(picture, post["id"])}, "nothing was stored"


@pytest.mark.parametrize(("code", "told"), [("cannot_fit", [("/media/0", "media.fits")]), ("too_costly", [])])
def test_validate_says_it_too_and_asks_for_nothing(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows, code: str, told: list[tuple[str, str]]
) -> None:
    """What failed for a reason that may have passed is tried again once a post is written."""
    picture = files.ready(HEIC)
    assert tenant.post("Hello", channel, media=[{"id": picture}]).status_code == 201
    made = Renditions(deployed.table("WorkTable"), deployed.clock.now)
    (pending,) = made.of(tenant.workspace_id, picture)
    failed = made.settle(pending, refusal=Refusal(code=code, message="It stays too large."))
    sent = len(deployed.media_queue.sent)
    body = {"text": "Again", "targets": [{"channel_id": channel}], "media": [{"id": picture}]}
    found = tenant.api.post("/v1/posts/validate", json=body).json()
    assert [(each["param"], each["rule"]) for each in found["errors"]] == told
    assert made.of(tenant.workspace_id, picture) == [failed]
    assert len(deployed.media_queue.sent) == sent


def test_a_cover_that_could_not_be_made_is_told_at_once_too(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows
) -> None:
    media = [{"id": files.ready(MP4), "cover_id": files.ready(HEIC)}]
    assert tenant.post("Hello", channel, media=media).status_code == 201
    made = Renditions(deployed.table("WorkTable"), deployed.clock.now)
    (pending,) = made.of(tenant.workspace_id, media[0]["cover_id"])
    made.settle(pending, refusal=Refusal(code="cannot_fit", message="It stays too large."))
    assert rules(tenant.post("Again", channel, media=media)) == [("/media/0", "media.fits")]


def test_what_is_made_already_is_shared_and_nobody_is_told(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows
) -> None:
    picture = files.ready(HEIC)
    first = tenant.post("One", channel, media=[{"id": picture}]).json()
    made = Renditions(deployed.table("WorkTable"), deployed.clock.now)
    (pending,) = made.of(tenant.workspace_id, picture)
    made.settle(pending, facts=JPEG)
    sent = len(deployed.media_queue.sent)
    second = tenant.post("Two", channel, media=[{"id": picture}]).json()
    assert [only_delivery(post)["media"][0]["rendition"] for post in (first, second)] == [pending.key] * 2
    assert len(deployed.media_queue.sent) == sent


def test_what_a_platform_will_not_show_is_warned_of_once(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows
) -> None:
    channels = Channels(deployed.table("WorkTable"), deployed.clock.now)
    people = [Account(id=name, handle=name, server="https://pds.example") for name in ("eve", "fay")]
    claimed = [channels.claim(tenant.workspace_id, "bluesky", each).id for each in people]
    draft = tenant.drafted("x", channel, *claimed, media=[{"id": files.ready(MP4), "cover_ms": 5}])
    told = [each for each in draft["warnings"] if not each["rule"].startswith("channel.")]
    assert [(each["param"], each["rule"]) for each in told] == [("/media/0", "bluesky.cover.unsupported")]


def test_two_pictures_without_a_text_are_not_the_same_post(tenant: Tenant, channel: str, files: Rows) -> None:
    one, two = files.ready(), files.ready()
    more = {"allow_duplicate": False}
    assert tenant.post(None, channel, media=[{"id": one}], **more).status_code == 201
    assert tenant.post(None, channel, media=[{"id": two}], **more).status_code == 201
    answer = tenant.post(None, channel, media=[{"id": one, "alt_text": "Else"}], **more)
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate_post")
    assert tenant.post(None, channel, media=[{"id": one}, {"id": two}], **more).status_code == 201


def test_more_media_than_one_transaction_takes_are_refused_with_their_number(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows
) -> None:
    every = [{"id": files.ready()} for _ in range(95)]
    targets = [{"channel_id": channel, "media": every[:20]}]
    overrides = {name: {"media": every[start : start + 30]} for name, start in (("sandbox", 20), ("bluesky", 50))}
    thread = [{"media": every[80:]}]
    given = {"overrides": overrides, "thread": thread, "labels": list("abcde")}
    answer = tenant.api.post("/v1/posts", json={"draft": True, "targets": targets, **given})
    assert rules(answer) == [("/media", "media.too_many")]
    assert "can name 91 media; this one names 95" in answer.json()["errors"][0]["message"]
    overrides["bluesky"]["media"] = every[50:76]
    draft = tenant.api.post("/v1/posts", json={"draft": True, "targets": targets, **given})
    assert draft.status_code == 201, draft.text
    assert len(used(deployed)) == 91
    assert tenant.api.delete(f"/v1/posts/{draft.json()['id']}").status_code == 200
    assert used(deployed) == set()


def test_a_lost_message_keeps_no_post_from_being_written(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows
) -> None:
    picture = files.ready(HEIC)
    deployed.media_queue.refuse_next = 1
    assert tenant.post("Hello", channel, media=[{"id": picture}]).status_code == 201
    assert [each["status"] for each in renditions(deployed)] == ["pending"]


def test_a_large_video_is_begun_earlier(tenant: Tenant, channel: str, files: Rows) -> None:
    video = files.ready(replace(MP4, bytes=2_000_000_000))
    found = tenant.api.post(
        "/v1/posts/validate", json={"text": "x", "targets": [{"channel_id": channel}], "media": [{"id": video}]}
    ).json()
    assert found["targets"][0]["lead_seconds"] == 500


@pytest.mark.parametrize("provider", ["bluesky", "mastodon"])
def test_a_video_is_begun_earlier_where_the_platform_works_on_it(
    deployed: Deployed, tenant: Tenant, files: Rows, provider: str
) -> None:
    channels = Channels(deployed.table("WorkTable"), deployed.clock.now)
    eve = Account(id="eve", handle="eve", server="https://server.example")
    target = {"channel_id": channels.claim(tenant.workspace_id, provider, eve).id}
    seconds = []
    for media in ([], [files.ready()], [files.ready(MP4)]):
        body = {"text": "x", "targets": [target], "media": [{"id": each} for each in media]}
        found = tenant.api.post("/v1/posts/validate", json=body).json()
        seconds.append(found["targets"][0]["lead_seconds"])
    assert seconds == [0, 1, 2 + 120]
