"""Every provider's answers, sorted as its platform documents them. A new module is held to it by existing."""

import sys
from importlib import import_module

import pytest

from punctual.providers import modules, provider_class
from punctual.providers.base import Provider
from punctual.providers.outcomes import OutcomeUnknown, Processing, ProviderError, Reconnect, Rejected, RetryLater
from punctual.providers.posting import Published
from tests.contract.outcomes.samples import ALT_TEXT, CAPTION, FOLDER, SECRET, Sample, data, play
from tests.template import ROOT

WANTED = {"Rejected", "Reconnect", "RetryLater", "Processing", "OutcomeUnknown", "Published"}


def every_sample():
    known = (name for name in modules() if (FOLDER / f"{name}.toml").is_file())
    return [pytest.param(name, one, id=f"{name}: {one.name}") for name in known for one in data(name).samples]


def classes(name: str) -> set[str]:
    """Those that the file has a sample of; a plain 401 is a kind of Reconnect."""
    return {"Reconnect" if one.outcome == "Unauthorized" else one.outcome for one in data(name).samples}


def may_poll(name: str) -> bool:
    """Whether the provider, or what it is made of, knows of work that goes on."""
    module = import_module(f"punctual.providers.{name}")
    made_of = {module.__name__, *(getattr(value, "__module__", None) or "" for value in vars(module).values())}
    made_of |= {value.__name__ for value in vars(module).values() if type(value) is type(module)}
    ours = (sys.modules[name] for name in made_of if name.startswith("punctual.") and name != Processing.__module__)
    return any(vars(found).get("Processing") is Processing for found in ours)


@pytest.mark.parametrize("name", modules())
def test_every_outcome_has_a_documented_answer(name: str) -> None:
    missing = WANTED - classes(name) - set(data(name).never)
    assert not missing, f"add samples to {name}.toml, or say under [never] why there can be none"


@pytest.mark.parametrize("name", modules())
def test_what_never_happens_has_a_reason_and_does_not_happen(name: str) -> None:
    never = data(name).never
    assert set(never) <= WANTED - {"OutcomeUnknown", "Published"}, "an answer may always get lost, or be a success"
    assert all(len(reason.split()) > 3 for reason in never.values())
    assert not set(never) & classes(name)
    assert not (may_poll(name) and "Processing" in never), "its code raises Processing"


@pytest.mark.parametrize("name", modules())
def test_each_step_that_it_has_both_succeeds_and_fails(name: str) -> None:
    wanted = {("publish", "Published"), ("publish", "RetryLater"), ("publish", "OutcomeUnknown")}
    if provider_class(name).find is not Provider.find:
        wanted |= {("find", "Published"), ("find", "RetryLater")}
    assert not {(step, outcome) for step, outcome in wanted if outcome not in data(name).never} - {
        (one.during, one.outcome) for one in data(name).samples
    }


@pytest.mark.parametrize("name", modules())
def test_each_sample_has_a_name_of_its_own(name: str) -> None:
    names = [one.name for one in data(name).samples]
    assert len(names) == len(set(names))


def test_no_file_is_left_of_a_provider_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(modules())


@pytest.mark.parametrize(("name", "sample"), every_sample())
def test_an_answer_means_what_its_platform_documents(name: str, sample: Sample) -> None:
    came, far = play(name, sample)
    assert (type(came).__name__ if came is not None else "nothing") == sample.outcome
    assert not far.left, "not every answer was asked for"
    assert far.limits == ([] if sample.limited_for is None else [sample.limited_for])
    assert {**far.kept, **getattr(came, "kept", {})}.items() >= sample.kept.items()
    if isinstance(came, Published):
        assert came.platform_id == sample.platform_id
        assert sample.url in (None, came.url)
    if isinstance(came, ProviderError):
        assert came.code == (sample.code or came.code)
        assert came.platform_code == (sample.platform_code or came.platform_code)
        assert came.status in (None, sample.status)
        assert getattr(came, "retry_after", None) == sample.retry_after


@pytest.mark.parametrize(("name", "sample"), every_sample())
def test_a_sample_says_where_it_is_documented_and_what_its_code_is(name: str, sample: Sample) -> None:
    is_ours = not sample.source.startswith("https://")
    assert not is_ours or (ROOT / sample.source.partition("#")[0]).is_file()
    if sample.outcome not in ("Published", "Grant", "Processing", "nothing"):
        assert sample.code
    if sample.outcome == "Published":
        assert sample.platform_id


@pytest.mark.parametrize(("name", "sample"), every_sample())
def test_no_sentence_says_what_only_the_platform_and_the_user_know(name: str, sample: Sample) -> None:
    came, _ = play(name, sample)
    if isinstance(came, ProviderError):
        shown = f"{came} {came.sentence} {came.code} {came.platform_code}"
        assert CAPTION not in shown
        assert ALT_TEXT not in shown
        assert SECRET not in shown


def test_the_classes_are_those_that_providers_raise() -> None:
    """The names in the files are the classes' own."""
    raised = {kind.__name__ for kind in (Rejected, Reconnect, RetryLater, Processing, OutcomeUnknown)}
    assert raised == WANTED - {"Published"}
