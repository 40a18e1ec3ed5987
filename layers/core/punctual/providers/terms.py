"""The words that providers and the core share: facts about a platform, apps, accounts, grants."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from punctual.providers.media import NO_MEDIA, MediaRules

Text = TypeVar("Text", str, SecretStr)


def printed(value: Text) -> Text:
    """RFC 6749, appendix A: visible ASCII characters and spaces. Whatever is pasted with more is not what was given."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not re.fullmatch("[!-~]([ -~]*[!-~])?", text):
        raise ValueError("It has printable ASCII characters, and no space at either end.")
    return value


class Fields(BaseModel):
    """What a user may give a provider; names that are not here are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ClientId(Fields):
    """What platforms give for a registered app that keeps no secret; see `Spec.app_fields`."""

    client_id: Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(printed)]


class ClientIdAndSecret(ClientId):
    client_secret: Annotated[SecretStr, Field(min_length=1, max_length=2000), AfterValidator(printed)]


@dataclass(frozen=True, kw_only=True)
class Cap:
    """At most `posts` in any `seconds`, of one account."""

    posts: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What one server of a platform takes from all accounts of this stack together."""

    per_second: float
    burst: int


RetrySafety: TypeAlias = Literal["key", "chosen_id", "handle", "search", "none"]
"""What keeps a call whose answer was missed from going out twice: a key that the platform honours, an id of our own, a
handle that it can be asked about, a search that may find it, or nothing."""


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What to do about an outcome. `retryable`: whether another try, with nothing changed, may end better."""

    remediation: str
    retryable: bool = False


@dataclass(frozen=True, kw_only=True)
class ApiVersion:
    """Of a platform that dates its API. `ends_on`: from that day it answers to it no more, as far as is known."""

    name: str
    ends_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a platform asks for one call; `micros` are millionths of a US dollar."""

    micros: int
    why: str


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing that a post may choose: `value` is what settings take."""

    value: str
    label: str
    about: str = ""


PostType: TypeAlias = Literal[
    "text", "link", "image", "images", "animation", "video", "reel", "story", "document", "poll"
]
"""What a post may be; `images`: several in one post (an album, a carousel)."""
ConnectWay: TypeAlias = Literal["oauth", "credentials"]
TokenAuth: TypeAlias = Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
"""How our app proves itself to a token endpoint."""


@dataclass(frozen=True, kw_only=True)
class Spec:
    """A provider's facts. Times are seconds; URLs may hold `{server}`, the connected account's own server."""

    id: str
    name: str
    docs_url: str
    connect: tuple[ConnectWay, ...]
    """How accounts are connected, the recommended way first."""
    max_text: int
    """Longest text, in `counted_in`; an account may carry its own (`Account.limits["max_text"]`)."""
    counted_in: str
    counting: str = ""
    """One sentence for the catalogue: how it counts, where that is not as one would think."""
    max_bytes: int | None = None
    """Of UTF-8, where the platform counts them too."""
    url_length: int | None = None
    """What any link counts; None: as many as it has."""
    connect_fields: type[Fields] = Fields
    """What OAuth's `start` takes beside the return URL."""
    credentials: type[Fields] = Fields
    """What `POST /v1/channels` takes."""
    settings: type[Fields] = Fields
    authorize_url: str = ""
    token_url: str = ""
    revoke_url: str = ""
    scopes: tuple[str, ...] = ()
    """Without each of these nothing can be connected."""
    optional_scopes: tuple[str, ...] = ()
    """Asked for as well, and done without where they are not given."""
    scope_separator: str = " "
    pkce: bool = True
    token_auth: TokenAuth = "client_secret_post"  # noqa: S105 - the name of a method
    token_method: Literal["POST", "GET"] = "POST"  # noqa: S105 - a verb
    """GET: what would be the form goes into the query."""
    token_type: str = "bearer"  # noqa: S105 - a kind
    """What `token_type` of a token answer is, in any case of letters."""
    client_id_param: str = "client_id"
    """What the platform calls it."""
    dead_grant_codes: tuple[str, ...] = ()
    """Codes of the token endpoint that call a grant dead, beside the RFC's `invalid_grant`."""
    app_fields: type[Fields] | None = None
    """What the platform gives for a registered app, as `Provider.app` takes it; None: there is nothing to set."""
    reuse_ends_grant: bool = False
    """Whether a refresh token that comes a second time ends the grant, its access token too: then a refresh whose
    answer was missed is not tried again while that token lasts."""
    login_of: str = ""
    """The provider whose login this is, where several share one: what ends a person's consent there ends it for all."""
    revoking_ends_login: bool = False
    """Whether `Provider.revoke` ends all that a person gave to our app: it then waits for the last of their grants."""
    setup: str = ""
    """How an app is registered; empty where nothing has to be."""
    media: MediaRules = NO_MEDIA
    """What a part of a post may carry; an account may have limits of its own: `Provider.media_rules`."""
    post_types: tuple[PostType, ...] = ("text",)
    """What can be published here; each is held to the platform's contract."""
    max_parts: int = 1
    """How many posts a thread may have; 1: the platform has no replies of one's own."""
    comments: bool = False
    """Whether a first comment can be made under a post."""
    caps: tuple[Cap, ...] = ()
    rate: Rate | None = None
    lead_seconds: int = 0
    """How long before T `prepare` must start, where that is longer than the stack's own lead."""
    poll_seconds: int = 10
    """How long to wait before asking again after `Processing`, where the platform does not say."""
    max_polls: int = 60
    max_poll_seconds: int = 1800
    call_seconds: float = 20.0
    """Total deadline of the publishing call."""
    settling_seconds: int = 60
    """How long after that deadline the platform may still make a late write visible."""
    key_window_seconds: int = 0
    """How long the platform honours an idempotency key, counted from its first use; 0: it has none."""
    absence_is_proof: bool = False
    """Whether `find` asks about an id or handle of ours, so that "not there" means "did not happen"."""
    retry_safety: RetrySafety = "none"
    duplicate_protection: str = ""
    """One sentence for the catalogue: what keeps a post from going out twice here."""
    remedies: Mapping[str, Remedy] = field(default_factory=dict)
    """Of the codes that this platform's outcomes have beside those that all may have (`punctual.outcome_codes`)."""
    rules: Mapping[str, str] = field(default_factory=dict)
    """What its own rules ask for, by name without the provider's (`text.max_bytes`)."""
    no_accounts: str = ""
    """What the person must do where a login holds no account to post to."""
    can_delete: bool = False
    """Whether `Provider.delete` takes a post down."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What `Provider.options` lists, by name, and what each is for."""
    api_version: ApiVersion | None = None
    """Which one is spoken, unless the stack names another; `{version}` in URLs."""
    only_for_tests: bool = False

    @property
    def login(self) -> str:
        """Where `Login.id` is unique."""
        return self.login_of or self.id


@dataclass(frozen=True, kw_only=True)
class App:
    """Our registration with a platform, or with one server of it. Its `SecretStr` fields are stored sealed only;
    `public` is kept in plain too, for whoever may not open the rest."""

    client_id: str
    client_secret: SecretStr | None = None
    private_key: SecretStr | None = None
    """A JWK as JSON, of the pair whose public half the platform knows."""
    public: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account at a platform. `id` is unique within the provider, across its servers."""

    id: str
    handle: str
    name: str = ""
    url: str = ""
    server: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Grant:
    """The tokens that let us act. `server` is the origin they are good for; `extra` is a provider's own, and secret."""

    access_token: SecretStr
    refresh_token: SecretStr | None = None
    expires_at: datetime | None = None
    renewable_until: datetime | None = None
    """Until when it can be refreshed, where the platform says: then a person must consent again."""
    scopes: tuple[str, ...] = ()
    server: str = ""
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Login:
    """What a person's consent or credentials gave: a grant and the accounts it can act for (never none).

    `grants` are those of accounts that have one of their own (a page with its own token), by the account's id. `id` is
    who logged in, unique within the provider, where the platform tells.
    """

    grant: Grant
    accounts: tuple[Account, ...]
    grants: Mapping[str, Grant] = field(default_factory=dict)
    id: str | None = None

    def grant_of(self, account: Account) -> Grant:
        return self.grants.get(account.id, self.grant)


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """A connection that begins: the origin to talk to, and what else must be known when the person consents and comes
    back. `kept` is stored sealed."""

    server: str = ""
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What `authorization_url` needs. `server` and `kept` are what `Provider.begin` made of the connect fields."""

    app: App
    redirect_uri: str
    state: str = field(repr=False)
    code_challenge: str
    server: str = ""
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Callback:
    """What `authenticate` needs of a successful callback."""

    app: App
    redirect_uri: str
    code: str = field(repr=False)
    code_verifier: SecretStr
    server: str = ""
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)
