"""What must hold at every single write of the work table."""

from typing import Any

from punctual.states import TERMINAL, DeliveryStatus
from tests.chaos.ledger import Ledger
from tests.memory.stored_tables import StoredTable

_TOLD = ("status", "fence", "rev", "next_at", "leased_until", "sending_at", "look_at", "act_at", "live_ids")
_RETRIED = frozenset({DeliveryStatus.ERROR, DeliveryStatus.MISSED, DeliveryStatus.PARTIAL})


_WITHOUT_CLOCK = TERMINAL | {DeliveryStatus.DRAFT, DeliveryStatus.UNCONFIRMED}


def watch(table: StoredTable, ledger: Ledger) -> None:
    """Notes every change of a delivery, and breaks the ledger's peace where a rule is broken."""
    write = table.write

    def watched(key: tuple[Any, ...], row: Any) -> None:
        before = table.rows.get(key)
        write(key, row)
        if key[1].startswith("delivery#"):
            _changed(ledger, before.item if before else {}, row.item if row else {})

    table.write = watched  # type: ignore[method-assign]


def _changed(ledger: Ledger, old: dict[str, Any], new: dict[str, Any]) -> None:
    about = str((new or old)["id"])
    told = [f"{name} {_short(new.get(name))}" for name in _TOLD if new.get(name) != old.get(name)]
    ledger.note("stored: " + (", ".join(told) if new else "removed"), about)
    (ledger.hot.add if new.get("sending_at") else ledger.hot.discard)(about)
    if old and new:
        for rule in _rules(old, new):
            ledger.breaks(rule, about)
    if new and new["status"] not in _WITHOUT_CLOCK and not new.get("next_at"):
        ledger.breaks(f"{new['status']} without a clock", about)


def _rules(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    found = []
    was, now = DeliveryStatus(old["status"]), DeliveryStatus(new["status"])
    if was in TERMINAL and now is not was and was not in _RETRIED:
        found.append(f"{was} became {now}")
    found += [f"{name} went back" for name in ("fence", "rev") if new[name] < old[name]]
    if (new["fence"], now) != (old["fence"], was) and was in TERMINAL and new["fence"] == old["fence"]:
        found.append(f"{was} was left without a new fence")
    if len(new.get("live", ())) < len(old.get("live", ())):
        found.append("a live part was forgotten")
    return found


def _short(value: Any) -> str:
    text = str(value)
    return text[11:23] if text.startswith("20") and text.endswith("Z") else text
