"""The one way out: an HTTP client for hosts that users may name.

Public addresses only, every resolved address checked and the checked one connected to (so that a name cannot
answer differently the second time), no proxies, no retries, a fresh connection for each call, a ceiling on the
answer's size, and a total deadline that really ends the call: it closes the socket.

    client     sending a request, and the whole answer; downloading a file
    downloads  an answer that is read as it comes
    bodies     bodies of requests that are larger than memory
    answers    bodies of answers: counted on the wire, and again once decoded
    addresses  what is public, and what a person means who types a server's name
    threads    calls that block
    errors     what can go wrong
"""

from punctual.guarded_http.addresses import is_public, server_url
from punctual.guarded_http.answers import MAX_ANSWER_BYTES
from punctual.guarded_http.bodies import request_for
from punctual.guarded_http.client import GuardedHttp
from punctual.guarded_http.downloads import Download
from punctual.guarded_http.errors import AddressRefused, AnswerBroken, AnswerTooLarge, BodyBroken, DeadlinePassed

__all__ = [
    "MAX_ANSWER_BYTES",
    "AddressRefused",
    "AnswerBroken",
    "AnswerTooLarge",
    "BodyBroken",
    "DeadlinePassed",
    "Download",
    "GuardedHttp",
    "is_public",
    "request_for",
    "server_url",
]
