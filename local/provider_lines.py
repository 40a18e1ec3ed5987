"""How much each provider is, in lines: its module, and the dialect packages that it imports; `make provider-lines`."""

import re
from pathlib import Path

from local.emulator import ROOT

CORE = ROOT / "layers" / "core" / "punctual"
NOT_DIALECTS = frozenset({"providers", "guarded_http"})
_IMPORTED = re.compile(r"^from punctual\.(\w+)(?:\.(\w+))? import", re.MULTILINE)


def lines(core: Path = CORE) -> dict[str, tuple[int, int]]:
    """By provider: its module's lines, and those of its dialect; what several share counts with each."""
    found = {}
    for path in sorted((core / "providers").glob("*.py")):
        text = path.read_text()
        if "\nPROVIDER = " in text:
            packages = {match[1] for match in _IMPORTED.finditer(text)} - NOT_DIALECTS
            shared = (
                each for package in packages if (core / package).is_dir() for each in (core / package).glob("*.py")
            )
            found[path.stem] = (count(text), sum(count(each.read_text()) for each in shared))
    return found


def count(text: str) -> int:
    return len(text.splitlines())


def table(core: Path = CORE) -> str:
    rows = [f"{'provider':<18}{'module':>8}{'dialect':>9}"]
    rows += [f"{name:<18}{own:>8}{shared or '-':>9}" for name, (own, shared) in lines(core).items()]
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
