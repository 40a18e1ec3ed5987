import pytest
from pydantic import ValidationError

from punctual.atproto.addresses import place_of, post_uri
from punctual.providers.bluesky import Settings

DID = "did:plc:aliceaaaaaaaaaaaaaaaaaaa"


@pytest.mark.parametrize(
    ("given", "uri"),
    [
        (f"at://{DID}/app.bsky.feed.post/3m6abc", f"at://{DID}/app.bsky.feed.post/3m6abc"),
        ("at://Alice.Example/app.bsky.feed.post/3m6abc", "at://alice.example/app.bsky.feed.post/3m6abc"),
        ("https://bsky.app/profile/alice.example/post/3m6abc", "at://alice.example/app.bsky.feed.post/3m6abc"),
        (f"https://bsky.app/profile/{DID}/post/3m6abc", f"at://{DID}/app.bsky.feed.post/3m6abc"),
        ("https://bsky.app/profile/did:web:Alice.example/post/a", "at://did:web:Alice.example/app.bsky.feed.post/a"),
        (" https://BSKY.app/profile/alice.example/post/3m6abc/?x#y\n", "at://alice.example/app.bsky.feed.post/3m6abc"),
        ("http://www.bsky.app/profile/alice.example/post/self", "at://alice.example/app.bsky.feed.post/self"),
        ("\u202ahttps://bsky.app/profile/a.test/post/3m6\u202c", "at://a.test/app.bsky.feed.post/3m6"),
    ],
)
def test_a_posts_address_is_read_in_each_of_its_forms(given: str, uri: str):
    assert post_uri(given) == uri == post_uri(uri)
    assert Settings(reply_to=given).reply_to == uri
    assert "at://{repo}/{collection}/{rkey}".format(**place_of(uri)) == uri


@pytest.mark.parametrize(
    "given",
    [
        "",
        "3m6abc",
        "bsky.app/profile/alice.example",
        "https://bsky.app/profile/alice.example",
        "https://bsky.app/profile/alice/post/3m6abc",
        "https://bsky.app/profile/alice.example/post/..",
        "https://bsky.app/profile/alice.example/post/../3m6abc",
        "https://bsky.app/profile/alice.example/post/3m6abc,",
        "https://bsky.app/profile/alice.example/post/3m6abc/liked-by\nx",
        "https://bsky.app.example/profile/alice.example/post/3m6abc",
        "https://bsky.social/profile/alice.example/post/3m6abc",
        f"at://{DID}/app.bsky.feed.like/3m6abc",
        f"at://{DID}/app.bsky.feed.post/3m6abc/4",
        f"at://{DID}/app.bsky.feed.post/3m6abc?x",
        f"at://{DID}/app.bsky.feed.post/" + "x" * 513,
        "at://did:plc:/app.bsky.feed.post/3m6abc",
    ],
)
def test_what_names_no_post_is_refused_with_an_example(given: str):
    with pytest.raises(ValueError, match=r"^Give the post's address, such as https://bsky\.app/"):
        post_uri(given)
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({"reply_to": given})
    (error,) = refused.value.errors()
    assert error["loc"][0] == "reply_to"


def test_an_address_of_any_length_is_refused_at_once():
    with pytest.raises(ValidationError, match="at most 2048"):
        Settings(reply_to="https://bsky.app/profile/" + "a-" * 50_000)
