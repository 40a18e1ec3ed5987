"""What the largest files take of the workshop's memory and time, each in a child of its own, as in the function.

make bench-workshop
"""

import tempfile
import time
from pathlib import Path

from media_processor.app import WORKSHOP_BYTES
from punctual.media.recipes import THUMBNAIL, Recipe
from punctual.media.refusals import Refused
from punctual.workshop.orders import Order
from punctual.workshop.running import Workshop
from tests.media.corpus import ALL

MEMORY = WORKSHOP_BYTES >> 20
SECONDS = 600
RECIPES = {
    "thumbnail": THUMBNAIL,
    "2 MB JPEG": Recipe(kind="image", type="image/jpeg", max_bytes=2_000_000),
    "all as PNG": Recipe(kind="image", type="image/png"),
    "4K WebP": Recipe(kind="image", type="image/webp", max_width=3840, max_height=3840),
}


def main() -> None:
    print(f"{'MiB':>6} {'s':>6}   of {MEMORY} MiB")
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(each for each in ALL if "100-megapixels" in each or each == "gif-of-2000"):
            path = Path(folder) / name
            ALL[name].make(path)
            measure(path, "probe", f"{name}: probe")
            measure(path, "clean", f"{name}: clean")
            for what, recipe in RECIPES.items():
                measure(path, "render", f"{name}: {what}", recipe)
            path.unlink()


def measure(path: Path, work, what: str, recipe: Recipe | None = None) -> None:
    workshop = Workshop(memory_bytes=MEMORY << 20, seconds=SECONDS)
    order = Order(
        work=work,
        path=str(path),
        target=str(path.with_suffix(".made")),
        recipe=recipe,
        memory_bytes=MEMORY << 20,
        file_bytes=2 << 30,
    )
    began = time.monotonic()
    try:
        peak = f"{workshop._run(order).peak_bytes >> 20:>6}"
    except Refused as refused:
        peak = f"{refused.code}: {refused.message}"
    print(f"{peak} {time.monotonic() - began:6.1f}   {what}", flush=True)


if __name__ == "__main__":
    main()
