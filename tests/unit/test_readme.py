from local.provider_table import README, rewritten
from punctual.providers import modules
from tests.template import ROOT


def test_the_readmes_table_of_providers_is_what_the_providers_say() -> None:
    assert rewritten(README.read_text()) == README.read_text(), "run `make docs`"


def test_every_provider_has_its_page() -> None:
    assert [name for name in modules() if not (ROOT / "docs" / "providers" / f"{name}.md").exists()] == []
