import pytest

from tests.contract.contracts import load

FILE = "mastodon/mastodon-openapi.json"


def test_an_absent_contract_skips_the_test_with_its_reason():
    with pytest.raises(pytest.skip.Exception, match="PUNCTUAL_SPECS"):
        load("mastodon", FILE, {})


def test_an_absent_contract_fails_the_test_where_contracts_are_promised(tmp_path):
    with pytest.raises(pytest.fail.Exception, match="PUNCTUAL_SPECS"):
        load("mastodon", FILE, {"CI": "true"})
    with pytest.raises(pytest.fail.Exception, match="is not in the folder"):
        load("mastodon", FILE, {"CI": "true", "PUNCTUAL_SPECS": str(tmp_path)})


def test_a_contract_that_is_not_the_one_we_named_fails_the_test(tmp_path):
    changed = tmp_path / FILE
    changed.parent.mkdir()
    changed.write_text("{}")
    with pytest.raises(pytest.fail.Exception, match="sha256"):
        load("mastodon", FILE, {"PUNCTUAL_SPECS": str(tmp_path)})
