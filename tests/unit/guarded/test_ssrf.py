"""Nothing that users name leads to what is not public: no connection is opened at all."""

import ipaddress
import itertools
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from punctual.guarded_http import AddressRefused, GuardedHttp, is_public
from tests.unit.guarded.addresses import REFUSED, Address, forms, is_refused, lenient
from tests.unit.guarded.far_side import FarSide, answer, serving

PUBLIC = "93.184.215.14"
REFUSALS = (AddressRefused, httpx.ConnectError)
"""How nothing is sent."""
HOSTS = [
    *("127.0.0.1", "127.255.255.254", "[::1]", "localhost", "LOCALHOST", "localhost.", "any.localhost"),
    *("0.0.0.0", "0", "[::]", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "127.0.0.1.", "017700000001"),
    *("169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "[fe80::1%25eth0]", "2852039166", "169.254.100.1"),
    *("10.0.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1"),
    *("192.0.2.1", "198.51.100.1", "203.0.113.1", "[2001:db8::1]", "[3fff::1]"),
    *("224.0.0.1", "[ff02::1]", "255.255.255.255", "240.0.0.1", "[fc00::1]", "[fec0::1]", "[5f00::1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:53aa:64c:0:fbff:80ff:fffe]"),
    *(
        "１２７.0.0.1",
        "127。0。0。1",
        "127．0．0．1",
        "127｡0｡0｡1",
        "ⓛocalhost",
        "%31%32%37.0.0.1",
        "loc%61lhost",
        "①②⑦.0.0.1",
    ),
    *("xn--", "xn--a", "xn--.public.example"),
]
URLS = [
    *("http://public.example/", "file:///etc/passwd", "file://public.example/etc/passwd", "ftp://public.example/"),
    *("gopher://public.example:443/_GET", "data:image/png;base64,AAAA", "javascript:alert(1)", "wss://public.example/"),
    *("https://public.example:80/", "https://public.example:22/", "https://public.example:9001/", "//public.example/"),
    *("https://public.example@127.0.0.1/", "https://user:pass@public.example/", "https://127.0.0.1@public.example/"),
    *(
        "https://public.example\\@127.0.0.1/",
        "https://127.0.0.1\\@public.example/",
        "https://public.example:443@[::1]/",
    ),
    *("https://127.0.0.1#@public.example/", "https://127.0.0.1?@public.example/", "https:\\\\127.0.0.1\\"),
    *("https:127.0.0.1", "https:/127.0.0.1/", "https:///127.0.0.1/", "https://", "https://:443/", "", "/", "127.0.0.1"),
    *("https://127.0.0.1\t/", "https://127.0.0.1\r\nHost: x/", "https://[::1", "https://[::1]x/", "https://a:b:c/"),
    *("http://169.254.169.254/latest/meta-data/", "http://169.254.100.1:9001/2018-06-01/runtime/invocation/next"),
    *("http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "https://public.example:99999/", "x" * 70_000),
    "https:////．︖\\]x6.．@;3",
]
STATUSES = (301, 302, 303, 307, 308)


class Network(httpx.AsyncBaseTransport):
    """Leads whatever is called, and is none of PUBLIC's, to a real server of this machine, which ought to see nothing.
    What PUBLIC answers is the test's to say."""

    def __init__(self, inside: FarSide, outside: Callable[[httpx.Request], httpx.Response] | None = None):
        self.called: list[str] = []
        self._inside = inside
        self._outside = outside or (lambda _: httpx.Response(200))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.called.append(request.url.host)
        if request.url.host == PUBLIC:
            return self._outside(request)
        request.url = httpx.URL(self._inside.url)
        async with httpx.AsyncHTTPTransport() as real:
            response = await real.handle_async_request(request)
            return httpx.Response(response.status_code, content=await response.aread())


async def resolve(host: str, port: int) -> list[str]:
    if host.endswith("public.example"):
        return [PUBLIC]
    if found := lenient(host):
        return found
    raise OSError("no such name")


@pytest.fixture(scope="module")
def inside() -> Iterator[FarSide]:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, body=b"a secret")

    with serving(respond) as side:
        yield side


def download(http: GuardedHttp, url: str) -> bytes:
    with http.download(url, max_bytes=1000, seconds=5) as found:
        return b"".join(found)


def send(http: GuardedHttp, url: str) -> bytes:
    try:
        request = httpx.Request("GET", url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise AddressRefused from error
    return http.send(request, seconds=5).content


WAYS = pytest.mark.parametrize("call", [send, download])


@WAYS
def test_what_is_to_see_nothing_would_see_it(inside: FarSide, call) -> None:
    before = inside.connections
    http = GuardedHttp(allow_private=True, transport=Network(inside), resolve=resolve)
    assert call(http, "https://127.0.0.1/") == b"a secret"
    assert inside.connections == before + 1


@WAYS
@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_not_public_is_never_connected_to(inside: FarSide, host: str, call) -> None:
    assert_nothing_is_called(inside, f"https://{host}/", call)


@WAYS
@pytest.mark.parametrize("url", URLS)
def test_a_url_of_another_form_is_never_called(inside: FarSide, url: str, call) -> None:
    assert_nothing_is_called(inside, url, call)


@pytest.mark.parametrize("host", HOSTS)
def test_a_redirect_to_a_host_that_is_not_public_is_not_followed(inside: FarSide, host: str) -> None:
    before = inside.connections
    for status, url in itertools.product(STATUSES, (f"https://{host}/", f"//{host}/x")):
        network = Network(inside, redirecting(status, url))
        with pytest.raises(REFUSALS):
            download(GuardedHttp(transport=network, resolve=resolve), "https://public.example/a/b")
        assert network.called == [PUBLIC]
    assert inside.connections == before


@pytest.mark.parametrize("url", URLS)
def test_a_redirect_to_a_url_of_another_form_leads_nowhere_else(inside: FarSide, url: str) -> None:
    """Some are another path of the same host: they are followed, as often as may be."""
    before, network = inside.connections, Network(inside, redirecting(302, url))
    with pytest.raises((*REFUSALS, httpx.TooManyRedirects)):
        download(GuardedHttp(transport=network, resolve=resolve), "https://public.example/a/b")
    assert set(network.called) == {PUBLIC}
    assert inside.connections == before


def assert_nothing_is_called(inside: FarSide, url: str, call) -> None:
    before, network = inside.connections, Network(inside)
    with pytest.raises(REFUSALS):
        call(GuardedHttp(transport=network, resolve=resolve), url)
    assert network.called == []
    assert inside.connections == before


def redirecting(status: int, location: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, headers=[(b"Location", location.encode())])


ADDRESSES = st.one_of(
    st.ip_addresses(), st.sampled_from(REFUSED).flatmap(lambda network: st.ip_addresses(network=network))
)


def test_an_address_that_only_one_network_knows_is_not_public() -> None:
    assert is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert not is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c%eth0")


@settings(max_examples=100, deadline=None)
@given(address=ADDRESSES)
def test_whatever_is_not_globally_routable_is_refused_in_every_form(inside: FarSide, address: Address) -> None:
    network = Network(inside)
    http = GuardedHttp(transport=network, resolve=resolve)
    assert is_public(str(address)) is not is_refused(address)
    for host in forms(address) if is_refused(address) else ():
        with pytest.raises(REFUSALS):
            send(http, f"https://{host}/")
    assert network.called == []


@settings(max_examples=25, deadline=None)
@given(address=st.ip_addresses(v=4).filter(lambda each: not is_refused(each)))
def test_a_public_address_is_called_itself_whatever_the_form(address: ipaddress.IPv4Address) -> None:
    """And inside of an IPv6 address only in the form that systems give it."""
    called: set[str] = set()
    transport = httpx.MockTransport(lambda request: called.add(request.url.host) or httpx.Response(200))
    http = GuardedHttp(transport=transport, resolve=resolve)
    for host in forms(address):
        try:
            send(http, f"https://{host}/")
        except REFUSALS:
            continue
    itself = {address, ipaddress.ip_address(f"::ffff:{address}")}
    assert {ipaddress.ip_address(each) for each in called} == itself


@settings(max_examples=100, deadline=None)
@given(location=st.text(max_size=60))
def test_no_redirect_does_anything_but_be_followed_or_refused(inside: FarSide, location: str) -> None:
    network = Network(inside, redirecting(302, location.encode(errors="replace").decode()))
    with pytest.raises((*REFUSALS, httpx.TooManyRedirects)):
        download(GuardedHttp(transport=network, resolve=resolve), "https://public.example/")
    assert set(network.called) == {PUBLIC}


@WAYS
@pytest.mark.parametrize("answers", list(itertools.permutations([PUBLIC, "93.184.215.15", "169.254.169.254"])))
def test_one_private_address_among_public_ones_is_enough(inside: FarSide, answers: tuple[str, ...], call) -> None:
    async def mixed(host: str, port: int) -> list[str]:
        return list(answers)

    network = Network(inside)
    with pytest.raises(AddressRefused):
        call(GuardedHttp(transport=network, resolve=mixed), "https://public.example/")
    assert network.called == []


@WAYS
def test_a_name_is_looked_up_once_and_the_checked_address_is_the_one_that_is_connected_to(
    inside: FarSide, call
) -> None:
    looked_up: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return [PUBLIC] if len(looked_up) == 1 else ["127.0.0.1"]

    network = Network(inside)
    call(GuardedHttp(transport=network, resolve=rebinding), "https://public.example/")
    assert (network.called, looked_up) == ([PUBLIC], ["public.example"])


def test_a_name_that_answers_differently_after_a_redirect_is_refused_then(inside: FarSide) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])

    async def rebinding(host: str, port: int) -> list[str]:
        return next(answers)

    network = Network(inside, redirecting(302, "/again"))
    with pytest.raises(AddressRefused):
        download(GuardedHttp(transport=network, resolve=rebinding), "https://public.example/")
    assert network.called == [PUBLIC]


@WAYS
def test_proxies_of_the_environment_are_passed_over(inside: FarSide, monkeypatch: pytest.MonkeyPatch, call) -> None:
    before = inside.connections
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, inside.url)

    def respond(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, body=b"direct")

    with serving(respond) as far:
        assert call(GuardedHttp(allow_private=True), far.url) == b"direct"
    assert inside.connections == before


@WAYS
def test_the_address_that_hands_lambdas_their_invocations_is_refused(
    inside: FarSide, monkeypatch: pytest.MonkeyPatch, call
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "169.254.100.1:9001")

    async def runtime(host: str, port: int) -> list[str]:
        return ["169.254.100.1"]

    network = Network(inside)
    with pytest.raises(AddressRefused):
        call(GuardedHttp(transport=network, resolve=runtime), "https://public.example/2018-06-01/runtime/init/error")
    assert network.called == []
