"""What a person may give for an account and for a post."""

from typing import Annotated, Any, Literal, TypeAlias

import regex
from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from punctual.atproto.addresses import post_uri
from punctual.atproto.identity import is_did, is_handle
from punctual.guarded_http import server_url
from punctual.providers.base import Fields

_AROUND_A_HANDLE = regex.compile(r"^[\s\p{Cf}]*@?|[\s\p{Cf}]+$")

Language: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]


def without_what_copying_adds(handle: str) -> str:
    # A leading @ would have the server look for an e-mail address.
    # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/account-manager/account-manager.ts#L603
    # The web app's handles are copied with invisible marks: https://github.com/bluesky-social/social-app/issues/8451
    return _AROUND_A_HANDLE.sub("", handle)


def account_name(given: str) -> str:
    name = without_what_copying_adds(given)
    if not is_did(name):
        name = name.lower()
        if not is_handle(name):
            raise ValueError("give the account's handle, such as alice.bsky.social")
    return name


class Person(Fields):
    """Who is to be asked for consent, as far as it is known."""

    handle: Annotated[str, AfterValidator(account_name)] | None = Field(
        None,
        max_length=320,
        title="Handle",
        description="The account's handle (or DID), if no other may be connected. It tells the account's server, too.",
        examples=["alice.bsky.social"],
    )
    server: Annotated[str, AfterValidator(server_url)] = Field(
        "https://bsky.social",
        max_length=255,
        title="Server",
        description="Where the account signs in, if that is not Bluesky itself; not needed with a handle.",
    )


class Credentials(Fields):
    identifier: Annotated[str, AfterValidator(without_what_copying_adds)] = Field(
        min_length=1,
        max_length=320,
        title="Handle",
        description="The account's handle; its e-mail address or DID will do.",
        examples=["alice.bsky.social"],
    )
    app_password: SecretStr = Field(
        min_length=1,
        max_length=256,
        title="App password",
        description="Made under Settings, Privacy and security, App passwords; not the account's own password.",
    )
    server: Annotated[str, AfterValidator(server_url)] = Field(
        "https://bsky.social",
        max_length=255,
        title="Server",
        description="Where the account logs in, if that is not Bluesky itself.",
    )


class Settings(Fields):
    langs: tuple[Language, ...] = Field(
        (), max_length=3, description="Languages of the text.", examples=[["en", "pt-BR"]]
    )
    labels: tuple[Literal["sexual", "nudity", "porn", "graphic-media"], ...] = Field(
        (), description="Content warnings that the author puts on the post."
    )
    reply_to: Annotated[str, Field(max_length=2048), AfterValidator(post_uri)] | None = Field(
        None,
        description="The address of a post that this one answers: on bsky.app, or its at:// URI.",
        examples=["https://bsky.app/profile/alice.bsky.social/post/3m6abcdefgh2x"],
    )


def extras(settings: Settings) -> dict[str, Any]:
    """What they add to the record."""
    found: dict[str, Any] = {}
    if settings.langs:
        found["langs"] = list(settings.langs)
    if settings.labels:
        values = [{"val": label} for label in dict.fromkeys(settings.labels)]
        found["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    return found
