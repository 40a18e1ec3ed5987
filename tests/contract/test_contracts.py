import pytest

from tests.contract.contracts import load

FILE = "mastodon/mastodon-openapi.json"


def ending(environ: dict[str, str]) -> tuple[type[BaseException], str]:
    """How the test that asked for it ends: a skip inside `raises` would skip this one instead of failing it."""
    with pytest.raises((pytest.skip.Exception, pytest.fail.Exception)) as ended:
        load("mastodon", FILE, environ)
    return ended.type, str(ended.value)


def test_an_absent_contract_skips_the_test_with_its_reason(tmp_path):
    assert ending({}) == (pytest.skip.Exception, "PUNCTUAL_SPECS names no folder with the published contracts")
    assert ending({"PUNCTUAL_SPECS": str(tmp_path)})[0] is pytest.skip.Exception


def test_an_absent_contract_fails_the_test_where_contracts_are_promised(tmp_path):
    assert ending({"CI": "true"})[0] is pytest.fail.Exception
    assert ending({"CI": "true", "PUNCTUAL_SPECS": str(tmp_path)})[0] is pytest.fail.Exception


def test_a_contract_that_is_not_the_one_we_named_fails_the_test(tmp_path):
    changed = tmp_path / FILE
    changed.parent.mkdir()
    changed.write_text("{}")
    with pytest.raises(pytest.fail.Exception, match="sha256"):
        load("mastodon", FILE, {"PUNCTUAL_SPECS": str(tmp_path)})
