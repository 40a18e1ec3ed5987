"""Connecting through the core at a strict server, and every way in which somebody else's code might get in."""

from collections.abc import Callable as Function
from collections.abc import Iterator

import pytest

from punctual.problems import Problem
from tests.oidc.clients import METHODS, apps
from tests.oidc.person import Person, person
from tests.oidc.server import OidcServer
from tests.oidc.world import Callback, World, two_people


@pytest.fixture
def world(server: OidcServer) -> World:
    return World(server)


@pytest.fixture
def people() -> Iterator[tuple[Person, Person]]:
    with two_people() as both:
        yield both


def exchanges(world: World, name: str) -> int:
    return len(world.server.asked_for_tokens(apps()[name], "authorization_code"))


def refused(world: World, name: str, back: Callback) -> str:
    """The problem's code; nothing was stored of it, and the server was not even asked."""
    before = exchanges(world, name)
    with pytest.raises(Problem) as problem:
        world.connecting.callback(name, back.query, back.browser)
    assert exchanges(world, name) == before
    return problem.value.code


@pytest.mark.parametrize("name", METHODS)
def test_an_account_connects_and_its_grant_works(world: World, name: str) -> None:
    channel = world.connect(name, account="grace")
    assert (channel.provider, channel.account.id, channel.status) == (name, "grace", "active")
    grant = world.grant_of(channel)
    assert world.server.lives(grant) == (True, True)
    assert world.providers.get(name).accounts(grant)[0].id == "grace"


@pytest.mark.parametrize("name", METHODS)
def test_a_callback_that_comes_again_shows_how_it_ended_and_asks_for_no_second_grant(world: World, name: str) -> None:
    """A code sent twice would end the grant that it gave."""
    with person() as who:
        back = world.consented(name, who)
    first = world.connecting.callback(name, back.query, back.browser)
    before = exchanges(world, name)
    again = world.connecting.callback(name, back.query, back.browser)
    assert again.channels == first.channels
    assert exchanges(world, name) == before
    assert world.server.lives(world.grant_of(first.channels[0])) == (True, True)


def test_a_state_is_good_for_one_code(world: World) -> None:
    with person() as who:
        back = world.consented("basic", who)
        other = world.consented("basic", who)
    world.connecting.callback("basic", back.query, back.browser)
    replayed = Callback({**back.query, "code": other.query["code"]}, back.browser)
    assert refused(world, "basic", replayed) == "state_used"


@pytest.mark.parametrize("name", METHODS)
def test_a_callback_replayed_in_another_browser_is_refused(
    world: World, people: tuple[Person, Person], name: str
) -> None:
    victim, attacker = people
    back = world.consented(name, victim)
    world.sent_to(name, attacker)
    assert attacker.secret
    assert refused(world, name, Callback(back.query, attacker.secret)) == "other_browser"
    assert refused(world, name, Callback(back.query, "")) == "other_browser"
    assert world.is_bare()


@pytest.mark.parametrize("name", METHODS)
def test_a_swapped_state_is_refused(world: World, people: tuple[Person, Person], name: str) -> None:
    """Else the attacker's account would be connected in the victim's browser, or the victim's for the attacker."""
    victim, attacker = people
    own, foreign = world.consented(name, victim), world.consented(name, attacker)
    swapped = {**own.query, "state": foreign.query["state"]}
    assert refused(world, name, Callback(swapped, own.browser)) == "other_browser"
    assert refused(world, name, Callback({**own.query, "state": "made up"}, own.browser)) == "state_unknown"
    assert world.is_bare()


def test_a_state_of_another_provider_is_refused(world: World) -> None:
    with person() as who:
        back = world.consented("basic", who)
    assert refused(world, "post", back) == "state_of_other_provider"
    assert world.is_bare()


ISSUERS: dict[str, Function[[dict[str, str]], dict[str, str]]] = {
    "another's": lambda query: {**query, "iss": "https://attacker.example"},
    "a longer one": lambda query: {**query, "iss": f"{query['iss']}/"},
    "none": lambda query: {name: value for name, value in query.items() if name != "iss"},
}


@pytest.mark.parametrize("issuer", ISSUERS)
@pytest.mark.parametrize("name", METHODS)
def test_an_answer_of_another_issuer_is_refused(world: World, name: str, issuer: str) -> None:
    """RFC 9207: the mix-up of two servers."""
    with person() as who:
        back = world.consented(name, who)
    assert back.query["iss"] == world.server.url
    assert refused(world, name, Callback(ISSUERS[issuer](back.query), back.browser)) == "issuer_mismatch"
    assert world.is_bare()


@pytest.mark.parametrize("name", METHODS)
def test_a_code_injected_from_another_browser_is_refused_by_the_server(
    world: World, people: tuple[Person, Person], name: str
) -> None:
    """Whatever else fits, the verifier is that of the browser's own connection: PKCE, RFC 9700 section 4.5."""
    victim, attacker = people
    own, foreign = world.consented(name, victim), world.consented(name, attacker)
    injected = {**own.query, "code": foreign.query["code"]}
    ending = world.connecting.callback(name, injected, own.browser)
    assert (ending.error, ending.channels) == ("code_refused", ())
    assert world.server.asked_for_tokens(apps()[name], "authorization_code")[-1]["error"] == "invalid_grant"
    assert world.is_bare()


def test_a_person_who_declines_connects_nothing(world: World) -> None:
    with person(decision="deny") as who:
        back = world.consented("basic", who)
    ending = world.connecting.callback("basic", back.query, back.browser)
    assert (ending.error, ending.channels) == ("access_denied", ())
    assert world.is_bare()


def test_permissions_that_were_withheld_are_named_to_the_person(world: World) -> None:
    with person(withhold="write+stats") as who:
        back = world.consented("basic", who)
    ending = world.connecting.callback("basic", back.query, back.browser)
    assert ending.error == "scopes_missing"
    assert "permissions: write." in ending.message
    assert world.is_bare()
