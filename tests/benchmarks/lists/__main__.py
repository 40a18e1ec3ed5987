"""make bench-lists: what one page of 50 posts costs, by each filter, among 1,000 posts and among 50,000.

    python -m tests.benchmarks.lists [--small 1000] [--large 50000]

Every list is read to its end, in memory, on tables made from template.yaml. Ends with 1 where a page costs more among
many posts than among few.
"""

import argparse
import sys
import time

from tests.benchmarks.lists.filling import SINGLE, TOGETHER
from tests.benchmarks.lists.reading import Cost, Workspace

ALL = {**SINGLE, **TOGETHER}
HEADS = ("filter", "posts", "page", "shown", "queries", "examined", "batches", "fetched", "bytes", "read units")
ROW = "{:<21}{:>6}  {:<21}{:>6}{:>9}{:>10}{:>9}{:>9}{:>10}{:>12}"


def main() -> None:
    asked = argparse.ArgumentParser(prog="bench-lists", description=__doc__)
    asked.add_argument("--small", type=int, default=1_000)
    asked.add_argument("--large", type=int, default=50_000)
    given = asked.parse_args()
    found = [(count, _read(count)) for count in (given.small, given.large)]
    print("\n" + ROW.format(*HEADS))
    for name in ALL:
        for count, lists in found:
            _print(name, count, compared(lists[name]))
    (_, small), (_, large) = found
    worse = [name for name in ALL if compared(small[name]) != compared(large[name])]
    print(f"\nNot the same among few and many: {'; '.join(worse)}" if worse else "\nThe same among few and many.")
    sys.exit(1 if worse else 0)


def compared(pages: list[Cost]) -> dict[str, Cost]:
    """All but the empty page at the end: that the one before was the last is known only then."""
    full = pages[:-1] or pages
    dearest = max(full, key=lambda cost: (cost.read_units, cost.bytes))
    return {"first": full[0], "middle": full[len(full) // 2], "last": full[-1], "dearest": dearest}


def _read(count: int) -> dict[str, list[Cost]]:
    began = time.monotonic()
    workspace = Workspace(count)
    stored = time.monotonic()
    found = {name: workspace.pages(wanted) for name, wanted in ALL.items()}
    pages = sum(map(len, found.values()))
    print(f"{count} posts stored in {stored - began:.0f} s, {pages} pages read in {time.monotonic() - stored:.0f} s")
    return found


def _print(name: str, count: int, pages: dict[str, Cost]) -> None:
    """One line for pages that cost the same."""
    for cost in dict.fromkeys(pages.values()):
        alike = [which for which, other in pages.items() if other == cost]
        which = "all alike" if len(alike) == len(pages) else ", ".join(alike)
        numbers = (cost.posts, cost.queries, cost.examined, cost.batches, cost.fetched, cost.bytes, cost.read_units)
        print(ROW.format(name, count, which, *numbers))


if __name__ == "__main__":
    main()
