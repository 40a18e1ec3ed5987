"""The sandbox: a small social network to try Punctual on. Function `sandbox`, routes `ANY /sandbox[/{proxy+}]`.

Everything here can be read by anyone; there are no passwords; posts are gone after a week.

OAuth: `/sandbox/oauth/authorize`, `/token`, `/revoke`; client `punctual`, public; PKCE with S256; issuer `/sandbox`.
Apps of one's own use client_secret_post. Codes and tokens are good for the client that they were given to.
API, with `Authorization: Bearer <access token>` (apps and the timeline need none):

    POST /sandbox/api/apps                      {redirect_uri}: {client_id, client_secret}, shown once
    POST /sandbox/api/notices                   {client_id, client_secret, handle}: {signed_request}, as Meta sends it
    GET  /sandbox/api/me                        {id, handle, url, max_text, daily_posts, teams: [{id, handle, url}]}
    POST /sandbox/api/posts                     {text, protection: key | duplicate_rejection | search | none}
    PUT  /sandbox/api/posts/{id}                {text, protection: chosen_id}
    GET  /sandbox/api/posts/{id}                one's own post
    POST /sandbox/api/search                    {text, since}: one's own posts with exactly that text, newest first
    POST /sandbox/api/containers                {text, protection: handle, processing_seconds}: {id, status}
    POST /sandbox/api/containers/{id}/publish
    GET  /sandbox/api/containers/{id}           {id, status: processing | ready | publishing | published, post}
    GET  /sandbox/api/jobs/{id}                 {id, status: publishing | published, post}
    GET  /sandbox/api/timeline?account=&limit=  {posts: [{id, url, text, in_reply_to, media, account, handle,
                                                arrived_at}]}
    POST /sandbox/api/uploads                   {type, bytes, text}: {id, part_bytes}
    PUT  /sandbox/api/uploads/{id}/parts/{n}    a part's bytes, counted from 1; each but the last has part_bytes
    GET  /sandbox/api/uploads/{id}              {status: receiving | processing | ready, bytes, received, sent_again}
    POST /sandbox/api/uploads/{id}/finish       {sha256}: {media_id, status: processing | ready}
    GET  /sandbox/media/{id}                    the file, to anyone; at most part_bytes an answer, by Range

A notice is signed and sent by nobody: whoever plays the platform, which says that a person removed the app or wants
data deleted, posts it to the address that would be registered there.

Whatever makes a post takes `in_reply_to` beside the text: the id of any post that is there (else 404 no_such_parent).
The same text in answer to another post is another post, under every class. A search may name `in_reply_to` too; null
asks for posts that answer none. A container with `processing_seconds` (up to 3600) is refused with 409 not_ready until
they are over. A publication that takes time is accepted with 202 {status: publishing, job}, and so is its repetition
(or a look at its chosen id) until the post lands. Answers that say "not yet" carry Retry-After.

Files: JPEG, PNG, GIF and WebP up to 5 MB, MP4 up to 5 GB, PDF up to 100 MB, told by their first bytes. Whatever makes a
post takes `media` beside the text: up to four pictures, or one video or document, each {id, alt_text, cover_ms}, the id
of an upload that is finished; or {url, alt_text, cover_ms}: then the network fetches it (up to 64 MB), by ranges and
through no redirect.
The text may then be empty. The same text with other files is another post. A sum is compared up to 128 MB. Uploads and
files are gone after a week.

A post's `protection` is the class of duplicate protection it is played under:

    key                  header Idempotency-Key; for an hour a second call answers 200 with the first one's post
    chosen_id            the client chooses the id; the same post under it answers 200, another one 409 id_taken
    handle               a container is published once; after that 409 already_published
    duplicate_rejection  the text of the last post made under this class is refused with 409 duplicate
    search               nothing but the search
    none                 nothing, and no search shows the post

Failures are scripted in the text, each for the next call (`=n`: the next n calls), in the order written:

    [sandbox:rate_limit]     429, Retry-After 2        [sandbox:refuse]         422 refused; without =n, every call
    [sandbox:error_before]   500, nothing written      [sandbox:error_after]    written, then 500
    [sandbox:stale_token]    401 invalid_token         [sandbox:revoked]        the grant ends, 401 grant_revoked
    [sandbox:cut]            written, then an answer that stops in the middle
    [sandbox:slow=s]         s seconds, then written   [sandbox:hang=s]         written, then s seconds of silence
    [sandbox:late=s]         504; the post lands s seconds after the call
    [sandbox:publishing=s]   202; the post lands s seconds after the call
    [sandbox:error_200]      200 with error refused_quietly, nothing written
    [sandbox:unready]        409 not_ready, whatever the container says
    [sandbox:limit=s]        429; for s seconds the account can make nothing
    [sandbox:last=s]         carried out, with RateLimit-Remaining: 0; then as after `limit`
    [sandbox:search_lag=s]   takes no call: search does not show the post for s seconds
    [sandbox:key_window=s]   takes no call: the key is forgotten after s seconds
    [sandbox:upload.processing=s]  takes no call: a finished upload can be posted after s seconds

`prepare.`, `find.` or `upload.` before a name (`[sandbox:find.error_before=2]`) plays it on the calls that make a
container; that ask about a container or a job, or search; or that begin an upload, send a part or finish it, where the
upload began with the post's `text`. `publishing`, `unready`, `search_lag` and `key_window` are known only without.
A directive that is not known is refused with 422 unknown_directive. Header `Sandbox-Play` names the playing whose calls
are counted (a text posted again plays again); without it the text does. It serves the script alone and never recognises
a post.

Every call that makes a post or a container is refused with 429 and the seconds left while its account is limited, and
meets no script then; reading goes on. Who consents may also choose how many posts the account can make in 24 hours:
more are refused with 429 daily_limit until the oldest of them is a day old, the repetition of one that is there too.

The search is a POST because a text of 500 characters can be longer than the 10 KB that API Gateway takes in a URL.
Errors are {"error": code, "message": …}, in OAuth {"error": code, "error_description": …}.

Who consents may let the token speak for some teams as well. Header `Sandbox-Account` names the account that a call acts
as, the person's own or a team's (else 403 not_your_account); without it, the person's.

API Gateway does not let a function close the connection, so a cut answer is JSON that stops in the middle, under a
status that says created; `hang` and `slow` beyond the caller's deadline break the connection for real. Both sleep 22
seconds at most, inside the function's own time.
"""

import json
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from sandbox import api_routes, media_routes, network, oauth_routes, pages
from sandbox.errors import AnswerLost, Refusal

app = APIGatewayHttpResolver()
app.include_router(oauth_routes.router)
app.include_router(api_routes.router)
app.include_router(media_routes.router)
app.include_router(pages.router)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return answer(event, context, network.deployed())


def answer(event: dict[str, Any], context: Any, on: network.Network) -> dict[str, Any]:
    app.append_context(call=network.call(event, on))
    return app.resolve(event, context)


@app.exception_handler(Refusal)
def refused(refusal: Refusal) -> Response[str]:
    if refusal.explained_in == "message" and not _wants_json():
        return pages.problem(refusal.status, refusal.body["message"])
    return Response(refusal.status, "application/json", json.dumps(refusal.body), refusal.headers)


@app.exception_handler(AnswerLost)
def cut(_: AnswerLost) -> Response[str]:
    return Response(201, "application/json", '{"id": "')


@app.not_found
def not_found(_: NotFoundError) -> Response[str]:
    return refused(Refusal(404, "not_found", "There is nothing here."))


def _wants_json() -> bool:
    return app.current_event.path.startswith(("/sandbox/api/", "/sandbox/oauth/token", "/sandbox/oauth/revoke"))
