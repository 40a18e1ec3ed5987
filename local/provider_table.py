"""The README's table of providers, written from their specs: `make docs`. A test notices drift."""

import sys
from typing import TYPE_CHECKING

from local.emulator import ROOT

if TYPE_CHECKING:
    from punctual.providers.base import Spec
    from punctual.providers.media import MediaRules

README = ROOT / "README.md"
BEGIN, END = "<!-- providers: begin (make docs) -->", "<!-- providers: end -->"


def table() -> str:
    sys.path.insert(0, str(ROOT / "layers" / "core"))
    from punctual.providers import modules, provider_class

    lines = ["| provider | connect by | posts | text | media | beside them | against doubles |", "|" + "---|" * 7]
    for name in modules():
        spec = provider_class(name).spec
        how = " or ".join("OAuth" if way == "oauth" else way for way in spec.connect)
        limit = f"{spec.max_text} {spec.counted_in}"
        title = f"[{spec.name}](docs/providers/{spec.id}.md)" + (" (for trying out)" if spec.only_for_tests else "")
        cells = (
            title,
            how,
            ", ".join(spec.post_types),
            limit,
            media(spec.media),
            beside(spec),
            spec.duplicate_protection,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def beside(spec: "Spec") -> str:
    """What Punctual does there beside publishing posts."""
    done = {
        "threads": spec.max_parts > 1,
        "first comment": spec.comments,
        "alt text": spec.media.max_alt_text > 0,
        "delete": spec.can_delete,
    }
    return ", ".join(name for name, is_done in done.items() if is_done)


def media(rules: "MediaRules") -> str:
    """How many of each kind one post takes."""
    counted = {
        ("picture", "pictures"): rules.max_images if rules.image else 0,
        ("animation", "animations"): rules.max_animations if rules.animation else 0,
        ("video", "videos"): rules.max_videos if rules.video else 0,
        ("document", "documents"): rules.max_documents if rules.document else 0,
    }
    taken = {names: min(rules.max_items, count) for names, count in counted.items()}
    named = [f"{count} {one if count == 1 else many}" for (one, many), count in taken.items() if count]
    return (", " if rules.is_mixed else " or ").join(named) or "none"


def rewritten(readme: str) -> str:
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text()))
