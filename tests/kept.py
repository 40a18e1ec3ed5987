"""What `prepare` keeps, by a worker that has all the time there is: `results` together, `steps` each by itself."""

from typing import Any


class Kept:
    def __init__(self, results: dict[str, Any] | None = None):
        self.results = {} if results is None else results
        self.steps: list[dict[str, Any]] = []

    def __call__(self, **results: Any) -> None:
        self.steps.append(results)
        self.results.update(results)

    def yield_if_late(self, seconds: float | None = None) -> None:
        """It never is."""
