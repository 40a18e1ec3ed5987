"""Asking who an account is and who gives tokens for it; every time anew, since both may change.

https://atproto.com/specs/oauth#identity-authentication
"""

from typing import Any

from punctual.atproto.identity import NO_HANDLE, Identity, document_url, is_did, read_identity
from punctual.atproto.oauth_servers import RESOURCE, SERVER, AuthorizationServer, Unsuitable, read_issuer, read_server
from punctual.atproto.sessions import xrpc
from punctual.providers.base import Provider, answer
from punctual.providers.outcomes import ProviderError, Reconnect, Rejected

SECONDS = 3.0
"""A callback makes four of these calls and one to the token endpoint, and has 25 seconds for all."""


class Lookups:
    def __init__(self, provider: Provider, plc_directory: str):
        self._provider = provider
        self._plc_directory = plc_directory

    def identity_of(self, name: str, server: str) -> Identity:
        """Of a DID; or of a handle, by the server's own means (DNS among them), if its DID's document agrees."""
        if is_did(name):
            return self.identity(name)
        did = self._did_of(name, server)
        found = self.identity(did) if did else None
        if found is None or found.handle != name:
            raise Rejected("This handle belongs to no account that could be found.", code="account_unknown")
        return found

    def identity(self, did: str) -> Identity:
        url = document_url(did, self._plc_directory)
        found = read_identity(self._read(url, "account_unknown"), did) if url else None
        if found is None:
            raise Rejected("This account is unknown to its directory.", code="account_unknown")
        return found

    def vouched(self, did: str, server: str) -> Identity:
        """A server may name whom it likes: that it speaks for the account is for the account's own server to say."""
        account = self.identity(did)
        if account.home is None or (server != account.home and server != self.issuer(account.home)):
            raise Rejected("This sign-in does not speak for the account that it named.", code="other_server")
        return account

    def handle(self, account: Identity, server: str) -> str:
        """The account's own word for itself, if it leads back to it: a login is not lost for want of it."""
        try:
            true = account.handle and self._did_of(account.handle, server) == account.did
        except ProviderError:
            true = False
        return account.handle if account.handle and true else NO_HANDLE

    def issuer(self, server: str) -> str:
        """Who gives tokens for what this server keeps. One that does not say is asked itself, as bsky.social is, which
        keeps no accounts but signs them in."""
        try:
            document = self._read(server + RESOURCE, "no_oauth")
        except Rejected as error:
            if error.status != 404:
                raise
            return server
        try:
            return read_issuer(document, server)
        except Unsuitable as error:
            raise Rejected(f"{error}", code="no_oauth") from error

    def authorization_server(self, issuer: str) -> AuthorizationServer:
        try:
            return read_server(self._read(issuer + SERVER, "no_oauth"), issuer)
        except Unsuitable as error:
            raise Rejected(f"{error}", code="no_oauth") from error

    def _did_of(self, handle: str, server: str) -> str | None:
        url = xrpc(server, "com.atproto.identity.resolveHandle")
        did = self._read(url, "account_unknown", params={"handle": handle}).get("did")
        return did if isinstance(did, str) else None

    def _read(self, url: str, code: str, **content: Any) -> dict[str, Any]:
        """No answer to these says anything of our grants."""
        try:
            return answer(self._provider.call("GET", url, seconds=SECONDS, **content))
        except (Rejected, Reconnect) as error:
            if error.status is None:
                raise
            raise Rejected(_SENTENCES[code], code=code, status=error.status) from error


_SENTENCES = {
    "account_unknown": "This account could not be found.",
    "no_oauth": "This server has no sign-in that Punctual could use.",
}
