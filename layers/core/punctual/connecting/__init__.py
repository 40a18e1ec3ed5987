"""Connecting accounts: by OAuth (start, authorize, callback), or by credentials.

    start      a connection, bound to workspace, provider, server and return URL, and its one-time ticket
    authorize  binds it to the browser that is sent on to the platform
    callback   the same browser, once: code → login → grants and channels
    choose     where the login holds several accounts: on a page of ours, or through the API

`docs/decisions.md` 4 says what each of ticket, state and cookie is good for.
"""

from punctual.connecting.choosing import Offered
from punctual.connecting.connecting import Connecting
from punctual.connecting.finishing import Ending
from punctual.connecting.linking import Invited
from punctual.connecting.registrations import UnknownProviderProblem, callback_url, known_provider
from punctual.connecting.starting import Sending, Started, wanted
from punctual.connecting.watching import Watched

__all__ = [
    "Connecting",
    "Ending",
    "Invited",
    "Offered",
    "Sending",
    "Started",
    "UnknownProviderProblem",
    "Watched",
    "callback_url",
    "known_provider",
    "wanted",
]
