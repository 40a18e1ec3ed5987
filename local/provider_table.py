"""The README's table of providers, written from their specs: `make docs`. A test notices drift."""

import sys

from local.emulator import ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- providers: begin (make docs) -->", "<!-- providers: end -->"


def table() -> str:
    sys.path.insert(0, str(ROOT / "layers" / "core"))
    from punctual.providers import modules, provider_class

    lines = ["| provider | connect by | text | against doubles |", "|---|---|---|---|"]
    for name in modules():
        spec = provider_class(name).spec
        how = " or ".join("OAuth" if way == "oauth" else way for way in spec.connect)
        limit = f"{spec.max_text} {spec.counted_in}"
        title = f"[{spec.name}](docs/providers/{spec.id}.md)" + (" (for trying out)" if spec.only_for_tests else "")
        lines.append(f"| {title} | {how} | {limit} | {spec.duplicate_protection} |")
    return "\n".join(lines)


def rewritten(readme: str) -> str:
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text()))
