"""/v1/media: declare and upload, import, list, look, describe, delete."""

from collections.abc import Callable, Sequence
from typing import Any

from aws_lambda_powertools.event_handler import Response

from edge import http, once, serving
from edge.logs import logger
from edge.operations import Call, Operations
from media import answers, deployment
from media.answers import CreatedMedia, MediaAnswer, MediaDetails, MediaPage, Showing, SignedParts, UploadedParts
from media.requests import MediaChange, MediaQuery, NewMedia, PartsWanted
from punctual.idempotency import Answer
from punctual.media.library import Media, MediaFilter
from punctual.media.receiving import Recording

operations = Operations("Media")

_MOST_USES = 100


@operations.route(
    "POST /v1/media",
    name="create_media",
    scope="write",
    body=NewMedia,
    answers={201: CreatedMedia, 202: CreatedMedia},
    problems=("storage_full", "too_many_files", "changed_meanwhile"),
    headers=("Location",),
    takes_idempotency_key=True,
)
def create(call: Call) -> Response[str]:
    """Upload a file, or import one.

    With `content_type` and `bytes`, `upload` says where the file goes: straight to the bucket, with a form that is good
    for an hour, or above 100 MB in parts that may be sent again and in any order. Then complete it. With `url` the file
    is fetched at once (202); the URL may stop working afterwards. Either way it is probed, and then `ready` or
    `refused`.
    """
    given = call.body(NewMedia)
    create, status = (_imported(call, given), 202) if given.url is not None else (_declared(call, given), 201)

    def answer(media: Media) -> Answer:
        return Answer(status=status, body=answers.media_answer(media))

    said, is_replayed = once.made(deployment.idempotency(), once.asked(call), create, answer)
    media = deployment.library().get(call.workspace_id, said.body["id"])
    upload = answers.upload_answer(media, deployment.uploads()) if media else None
    signed = Answer(status=said.status, body={**said.body, "upload": upload})
    return once.replied(signed, is_replayed, {"Location": f"/v1/media/{said.body['id']}"})


@operations.route(
    "GET /v1/media",
    name="list_media",
    scope="read",
    query=MediaQuery,
    answers={200: MediaPage},
    problems=("invalid_cursor",),
)
def list_media(call: Call) -> Response[str]:
    """List the workspace's media, oldest first or, with `order=desc`, latest first.

    Filters may be combined: a page may then be short, or empty, and there is more as long as `next_cursor` says so.
    """
    query = call.query(MediaQuery)
    wanted = MediaFilter(status=query.status, kind=query.kind)
    found, cursor = deployment.library().page(
        call.workspace_id, wanted, query.limit, query.cursor, oldest_first=query.order == "asc"
    )
    page: MediaPage = {"data": _shown(call, found), "next_cursor": cursor}
    return http.answer(200, page)


@operations.route("GET /v1/media/{media_id}", name="get_media", scope="read", answers={200: MediaDetails})
def get(call: Call, media_id: str) -> Response[str]:
    """Look at a media: how far it is, what was found in it, which posts use it."""
    return http.answer(200, _details(call, deployment.receiving().get(call.workspace_id, media_id)))


@operations.route(
    "PATCH /v1/media/{media_id}",
    name="change_media",
    scope="write",
    body=MediaChange,
    answers={200: MediaDetails},
    problems=("changed_meanwhile",),
)
def change(call: Call, media_id: str) -> Response[str]:
    """Change what a media is called, and what is said of it."""
    given = call.body(MediaChange).given()
    return http.answer(200, _details(call, deployment.receiving().describe(call.workspace_id, media_id, **given)))


@operations.route(
    "DELETE /v1/media/{media_id}",
    name="delete_media",
    scope="write",
    answers={204: None},
    problems=("media_in_use", "changed_meanwhile"),
)
def delete(call: Call, media_id: str) -> Response[str]:
    """Delete a media, with everything that was made of it.

    Refused while a post needs it: a draft, or one that is not over. What was published stays on the platforms. It is
    gone for the API at once, and its files go some minutes later.
    """
    deployment.discarding().delete(deployment.receiving().get(call.workspace_id, media_id))
    return Response(status_code=204)


@operations.route(
    "POST /v1/media/{media_id}/parts",
    name="sign_parts",
    scope="write",
    body=PartsWanted,
    answers={200: SignedParts},
    problems=("not_uploading", "not_in_parts"),
)
def sign_parts(call: Call, media_id: str) -> Response[str]:
    """Get URLs to put parts of an upload to.

    Each is good for an hour and for exactly one size. A part that is put twice counts once.
    """
    urls = deployment.receiving().part_urls(call.workspace_id, media_id, call.body(PartsWanted).numbers)
    return http.answer(200, answers.part_urls_answer(urls))


@operations.route(
    "GET /v1/media/{media_id}/parts",
    name="list_parts",
    scope="read",
    answers={200: UploadedParts},
    problems=("not_uploading", "not_in_parts"),
)
def list_parts(call: Call, media_id: str) -> Response[str]:
    """See which parts of an upload have arrived, to go on where it broke off."""
    found = deployment.receiving().parts_there(call.workspace_id, media_id)
    return http.answer(200, answers.parts_answer(*found))


@operations.route(
    "POST /v1/media/{media_id}/complete",
    name="complete_media",
    scope="write",
    answers={202: MediaAnswer},
    problems=("upload_incomplete", "not_uploading", "changed_meanwhile"),
)
def complete(call: Call, media_id: str) -> Response[str]:
    """Say that the file was uploaded: it is probed now.

    Asked again, it is answered as it is by then.
    """
    media = deployment.receiving().complete(call.workspace_id, media_id)
    return http.answer(202, _shown(call, [media])[0])


def _declared(call: Call, given: NewMedia) -> Callable[[Recording | None], Media]:
    return lambda recording: deployment.receiving().declare(call.workspace_id, given.declared(), recording)


def _imported(call: Call, given: NewMedia) -> Callable[[Recording | None], Media]:
    url = given.source(allow_private=deployment.environment().allow_private_networks)
    return lambda recording: deployment.receiving().fetch(
        call.workspace_id, url, file_name=given.file_name, alt_text=given.alt_text, recording=recording
    )


def _shown(call: Call, media: Sequence[Media]) -> list[MediaAnswer]:
    recipes = {each.id: answers.shown_by(each.facts) for each in media if each.facts and each.status == "ready"}
    wanted = [(media_id, recipe.key) for media_id, recipe in recipes.items() if recipe]
    showing = Showing(deployment.uploads(), deployment.renditions().get_all(call.workspace_id, wanted))
    return [showing.answer(each) for each in media]


def _details(call: Call, media: Media) -> MediaDetails:
    used_by = deployment.uses().of(call.workspace_id, media.id, limit=_MOST_USES)
    return {**_shown(call, [media])[0], "used_by": used_by}


app = serving.resolver(logger("media"), operations)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
