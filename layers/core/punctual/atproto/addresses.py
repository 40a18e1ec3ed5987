"""Where posts lie: `at://` URIs, Bluesky's web addresses, and what an XRPC call asks for."""

import regex

COLLECTION = "app.bsky.feed.post"

_WANTED = "Give the post's address, such as https://bsky.app/profile/alice.bsky.social/post/3m6abcdefgh2x."
_AROUND = regex.compile(r"^[\s\p{Cf}]+|[\s\p{Cf}]+$")
# https://atproto.com/specs/did, https://atproto.com/specs/handle, https://atproto.com/specs/record-key
_REPO = r"(?P<repo>did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]|(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{0,62})"
_RKEY = r"(?P<rkey>(?!\.\.?(?:[/?#]|$))[A-Za-z0-9_~.:-]{1,512})"
_FORMS = (
    regex.compile(rf"at://{_REPO}/{regex.escape(COLLECTION)}/{_RKEY}"),
    regex.compile(rf"https?://(?:www\.)?bsky\.app/profile/{_REPO}/post/{_RKEY}(?:[/?#].*)?", regex.IGNORECASE),
)


def post_uri(given: str) -> str:
    """What a person gave for a post, as its `at://` URI; the account may still be named by its handle there.

    Raises ValueError with a sentence for the person.
    """
    text = _AROUND.sub("", given)
    for form in _FORMS:
        if found := form.fullmatch(text):
            repo = found["repo"]
            return uri_of(repo if repo.startswith("did:") else repo.lower(), found["rkey"])
    raise ValueError(_WANTED)


def uri_of(repo: str, rkey: str) -> str:
    return f"at://{repo}/{COLLECTION}/{rkey}"


def place_of(uri: str) -> dict[str, str]:
    """As `getRecord` and `putRecord` ask for it."""
    repo, collection, rkey = uri.removeprefix("at://").split("/")
    return {"repo": repo, "collection": collection, "rkey": rkey}


def profile_url(did: str, handle: str) -> str:
    return f"https://bsky.app/profile/{did if handle == 'handle.invalid' else handle}"
