"""What a provider is: a frozen `Spec` of facts, and the verbs that need the platform.

A provider is one module in this folder that sets `PROVIDER` to a subclass of `Provider`; nothing else names it.
Verbs talk to the platform only through `call`, which sorts every answer into the four outcomes of `outcomes.py`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from punctual.providers.media import MediaRules
from punctual.providers.posting import Keep, Outgoing, PartKind, Published, Shown, Violation
from punctual.providers.talking import Talking, answer
from punctual.providers.terms import (
    Account,
    ApiVersion,
    App,
    Beginning,
    Callback,
    Cap,
    ClientId,
    ClientIdAndSecret,
    Consent,
    Cost,
    Fields,
    Grant,
    Login,
    Option,
    Rate,
    Spec,
)

__all__ = [
    "Account",
    "ApiVersion",
    "App",
    "Beginning",
    "Callback",
    "Cap",
    "ClientId",
    "ClientIdAndSecret",
    "Consent",
    "Cost",
    "Fields",
    "Grant",
    "Keep",
    "Login",
    "Option",
    "Outgoing",
    "PartKind",
    "Provider",
    "Published",
    "Rate",
    "Shown",
    "Spec",
    "Violation",
    "answer",
]


class Provider(Talking):
    """Base of all providers; what it does not implement, the platform does not offer."""

    # Connecting

    def server(self, fields: Any, own_url: str) -> str:
        """The origin to talk to, from the connect fields; `own_url` is Punctual's public address."""
        return ""

    def begin(self, fields: Any, own_url: str) -> Beginning:
        """What a connection needs that these fields start. May ask the platform; Rejected: they lead nowhere."""
        return Beginning(server=self.server(fields, own_url))

    def own_url(self, own_url: str) -> str:
        """Punctual's public address, as the platform is able to send people back to it."""
        return own_url

    def redirect_uri(self, callback_url: str, server: str) -> str:
        """Where the platform sends people back. A platform of many servers adds a query that tells them apart: what
        comes back without it is refused, so that no server gets the code of another."""
        return callback_url

    def registered_at(self, server: str) -> str:
        """Which of the platform's servers a registration is with; empty: one is good for all."""
        return server

    def app(self, fields: Any) -> App:
        """The registration that `Spec.app_fields` describe."""
        return App(**dict(fields))

    def register_app(self, server: str, redirect_uri: str) -> App | None:
        """A new registration at that server, where the platform lets programs register; else None."""
        return None

    def client_metadata(self, redirect_uri: str, public: Mapping[str, str]) -> Mapping[str, Any] | None:
        """The document at `client-metadata.json` beside the redirect URI, where the platform reads there what we are;
        `public` is the registration's own."""
        return None

    def issuer(self, server: str) -> str | None:
        """What `iss` of a callback must be (RFC 9207), where the platform sends it; else None."""
        return None

    def authorization_url(self, consent: Consent) -> str:
        """Asked for again whenever the person opens the page anew. May ask the platform."""
        raise NotImplementedError

    def authenticate(self, callback: Callback) -> Login:
        raise NotImplementedError

    def login(self, fields: Any) -> Login:
        """For providers that connect by credentials. Rejected or Unauthorized: the credentials are wrong."""
        raise NotImplementedError

    def refresh(self, grant: Grant, app: App | None) -> Grant:
        raise NotImplementedError

    def can_refresh(self, grant: Grant) -> bool:
        """Whether it holds what `refresh` takes. A grant that does not is used to its end, and then given up."""
        return False

    def refresh_at(self, grant: Grant, obtained_at: datetime) -> datetime | None:
        """When to refresh it, where the platform has a rule of its own; None: as its life is long."""
        return None

    def reuse_ends_grant(self, grant: Grant) -> bool:
        """See `Spec.reuse_ends_grant`; platforms whose ways of connecting differ in it override it."""
        return self.spec.reuse_ends_grant

    def missing_scopes(self, grant: Grant) -> tuple[str, ...]:
        """Of the scopes that are needed, those that the grant does not have."""
        return ()

    def revoke(self, grant: Grant, app: App | None) -> None:
        """End the grant at the platform, where it can be ended."""

    # Publishing

    def check(self, text: str, settings: Any, account: Account, kind: PartKind = "post") -> list[Violation]:
        """Every rule that this part breaks; no network. `settings` are the whole delivery's."""
        limit = self.max_text(account, kind)
        length = self.length(text, settings, account)
        if length <= limit:
            return []
        message = f"{self.spec.name} takes at most {limit} {self.spec.counted_in}; this text has {length}."
        return [Violation(field="text", rule=f"{self.spec.id}.text.max_length", message=message)]

    def max_text(self, account: Account, kind: PartKind = "post") -> int:
        return account.limits.get("max_text", self.spec.max_text)

    def length(self, text: str, settings: Any, account: Account) -> int:
        """In `Spec.counted_in`, as the account's server counts."""
        return len(text)

    def media_rules(self, settings: Any, account: Account, kind: PartKind = "post") -> MediaRules:
        """What such a part may carry, as this account's server and these settings have it."""
        return self.spec.media

    def cost(self, text: str, settings: Any, account: Account, kind: PartKind = "post") -> Cost | None:
        """What the platform asks for publishing this part, where it asks for money."""
        return None

    def preview(self, text: str, settings: Any, account: Account) -> Shown:
        """The text as readers will see it, as far as that is known without asking the platform; takes any text."""
        from punctual.providers.text import links  # with `regex`, which most functions need not import

        return links(text)

    def caps(self, account: Account) -> tuple[Cap, ...]:
        """How many posts the account may make."""
        return self.spec.caps

    def lead_seconds(self, text: str, settings: Any) -> int:
        """How long before T this content's `prepare` must start; what its media need is added by the core."""
        return self.spec.lead_seconds

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        """Everything before T that no reader can see. May run again after a crash: skip what `post.prepared` has.

        Raises Processing while the platform is at work; later parts are prepared once what they answer is live.
        """

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        """The one irreversible call, made with `self.call(…, irreversible=True)` and nothing before or after it.

        Raises Processing where the platform has accepted it for good and `find` will tell when it is live.
        """
        raise NotImplementedError

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        """What the platform itself says of a call whose answer we missed; see `Spec.absence_is_proof`.

        Raises OutcomeUnknown where it cannot say, also because `post.prepared` is empty: after a restore it may be.
        """
        return None

    def permalink(self, published: Published, grant: Grant, account: Account) -> str:
        """Where readers find it, for platforms whose answer to `publish` does not say; asked once it is recorded. What
        it raises is passed over."""
        return published.url

    def delete(self, published: Published, grant: Grant, account: Account) -> None:
        """Take one part down; see `Spec.can_delete`. May be called twice: what is gone already is no error.

        Raises Rejected where the platform keeps it.
        """
        raise NotImplementedError

    def options(self, name: str, query: str, grant: Grant, account: Account) -> tuple[Option, ...]:
        """What a post may choose, of the names in `Spec.options`; `query` is what the user looks for, or empty."""
        raise NotImplementedError

    def key_window_seconds(self, post: Outgoing) -> int:
        return self.spec.key_window_seconds

    def absence_is_proof(self, post: Outgoing) -> bool:
        return self.spec.absence_is_proof
