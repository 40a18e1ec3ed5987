import pytest
from pydantic import ValidationError

from punctual.mastodon_api.instances import limits
from punctual.providers.base import Account
from punctual.providers.mastodon import PROVIDER, Server, Settings

SAME = [
    "mastodon.social",
    "https://Mastodon.social/",
    "mastodon.social:443",
    "mastodon.social.",
    "mastodon.social/@kim",
]
WRONG = [
    "",
    "https://",
    "@kim@mastodon.social",
    "mastodon.social:x",
    "ftp://mastodon.social",
    "two words",
    "a..b",
    "xn--a.social",
    "x" * 300,
]


@pytest.mark.parametrize("given", SAME)
def test_one_server_has_one_address_however_it_is_typed(given):
    assert Server(server=given).server == "https://mastodon.social"


def test_a_server_with_letters_of_its_own_language_has_one_address():
    assert Server(server="münchen.social") == Server(server="https://xn--mnchen-3ya.social")


@pytest.mark.parametrize("given", WRONG)
def test_what_is_no_address_is_a_clear_error(given):
    with pytest.raises(ValidationError) as refused:
        Server(server=given)
    (error,) = refused.value.errors()
    assert error["loc"] == ("server",)
    assert "such as https://mastodon.social" in error["msg"] or error["type"] == "string_too_long"


@pytest.mark.parametrize(
    "settings",
    [
        {"visibility": "everyone"},
        {"language": "English"},
        {"spoiler_text": ""},
        {"sensitive": "perhaps"},
        {"mood": "x"},
        {"reply_to": ""},
        {"reply_to": "https://mastodon.social/@kim/109372843234567890"},
        {"reply_to": "x" * 65},
    ],
)
def test_settings_that_mastodon_does_not_know_are_refused(settings):
    with pytest.raises(ValidationError):
        Settings(**settings)


@pytest.mark.parametrize("language", ["en", "pt-BR", "zh-TW", "ckb"])
def test_languages_are_codes(language):
    assert Settings(language=language).language == language


@pytest.mark.parametrize(
    "reply_to",
    ["109372843234567890", "01JAKGX2SCV4FN125PWDYNMFS9", "AFk2bMkbE5zPzGfh6K"],  # Mastodon, GoToSocial, Pleroma
)
def test_a_post_may_answer_any_servers_own_id(reply_to):
    assert Settings(reply_to=reply_to).reply_to == reply_to


@pytest.mark.parametrize(
    "version", ["4.4.1", "4.3.0+glitch", "4.0.2+hometown-1.1.1", "4.5.0-nightly.2025-09-01", "2.4.3rc3"]
)
def test_mastodon_and_its_forks_are_trusted_with_a_key(version):
    assert limits({"version": version})["key_window_seconds"] == 3540


@pytest.mark.parametrize(
    "version",
    [
        "2.7.2 (compatible; Pleroma 2.6.0)",
        "3.5.3 (compatible; Pixelfed 0.12.3)",
        "4.0.0 (not true; snac 2.53)",
        "0.17.3+git-1234567",
        "2024.3.1",
        "takahe/0.11.0",
        "",
        None,
    ],
)
def test_what_may_be_another_server_is_not_trusted_with_a_key(version):
    assert limits({"version": version})["key_window_seconds"] == 0


@pytest.mark.parametrize("told", [None, [], "500", {"statuses": None}, {"statuses": {"max_characters": "500"}}])
def test_limits_that_cannot_be_read_are_left_to_the_usual_ones(told):
    assert "max_text" not in limits({"configuration": told})


def test_a_number_no_post_can_have_is_not_kept():
    assert limits({"configuration": {"statuses": {"max_characters": 10**40}}}) == {"key_window_seconds": 0}


def test_no_issuer_is_required_of_a_callback_since_mastodon_sends_none(mastodon):
    """https://github.com/mastodon/mastodon/issues/31116"""
    assert mastodon.issuer("https://mastodon.social") is None


def test_nothing_has_to_be_registered_by_hand():
    assert PROVIDER.spec.setup == ""
    assert PROVIDER.register_app is not PROVIDER.__base__.register_app


def test_the_cap_on_posts_is_mastodons_own_and_no_other_server_is_held_to_it(mastodon):
    def account(version):
        return Account(id="1@mastodon.example", handle="@kim", limits=limits({"version": version}))

    (cap,) = mastodon.caps(account("4.4.1"))
    assert (cap.posts, cap.seconds) == (300, 10800)
    assert mastodon.caps(account("2.7.2 (compatible; Pleroma 2.6.0)")) == ()
