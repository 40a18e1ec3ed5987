"""What posts ask the sandbox to do to them, in their own texts; app.py of the sandbox lists it all."""

from random import Random

_ANSWERS = {
    "rate_limit": (1, 3),
    "error_before": (1, 2),
    "error_after": None,
    "stale_token": (1, 2),
    "cut": None,
    "slow": (1, 22),
    "hang": (1, 22),
    "limit": (5, 60),
    "last": (5, 60),
}
"""Known of every stage; how big their number may be."""
_PUBLISHING = {"late": (1, 62), "publishing": (5, 300), "unready": (1, 2)}
_ENDING = ("refuse", "error_200", "revoked")
_TRAPS = (
    "[sandbox:error_after]",
    "[sandbox:cut]",
    "[sandbox:hang=22]",
    "[sandbox:late=25]",
    "[sandbox:late=62]",
    "[sandbox:slow=21]",
    "[sandbox:cut][sandbox:rate_limit=2]",
    "[sandbox:error_after][sandbox:refuse=1]",
    "[sandbox:cut][sandbox:revoked]",
    "[sandbox:late=30][sandbox:stale_token=2]",
    "[sandbox:error_after][sandbox:key_window=1]",
    "[sandbox:hang=21][sandbox:key_window=60]",
    "[sandbox:error_after][sandbox:find.error_before=2]",
    "[sandbox:error_after][sandbox:find.revoked]",
    "[sandbox:error_after][sandbox:find.stale_token=2]",
    "[sandbox:publishing=200][sandbox:find.error_before=2]",
)
"""What a lost answer is worst with."""
_RARE, _TRAPPED, _LAGGING = 0.08, 0.5, 0.6


def script(rng: Random, eagerness: float) -> str:
    """Directives for one part, most often none."""
    lag = f"[sandbox:search_lag={rng.choice((90, 300, 3000))}]"
    found = [lag] if rng.random() < eagerness * _LAGGING else []
    if rng.random() < eagerness * _TRAPPED:
        return "".join((rng.choice(_TRAPS), *found))
    while rng.random() < eagerness and len(found) < 3:
        found.append(_directive(rng))
    return "".join(found)


def _directive(rng: Random) -> str:
    stage = rng.choice(("", "", "", "prepare.", "find."))
    if rng.random() < _RARE:
        return f"[sandbox:{stage}{rng.choice(_ENDING)}=1]"
    if not stage and rng.random() < _RARE / 2:
        return f"[sandbox:key_window={rng.choice((1, 60, 300))}]"
    known = _ANSWERS if stage else {**_ANSWERS, **_PUBLISHING}
    name = rng.choice(list(known))
    span = known[name]
    return f"[sandbox:{stage}{name}={rng.randint(*span)}]" if span else f"[sandbox:{stage}{name}]"


def refuses(text: str, *, asked: bool = False) -> bool:
    """Whether the far side refuses a part with this text for good; `asked`: it is asked before it publishes."""
    stages = ("", "prepare.", *(("find.",) if asked else ()))
    return any(f"[sandbox:{stage}{name}=" in text for stage in stages for name in ("refuse", "error_200"))


def forgets_its_key(text: str) -> bool:
    return "[sandbox:key_window=" in text


def spoils_answers(text: str) -> bool:
    """Whether an answer to a publishing call may be such that nobody knows how it ended."""
    names = ("error_before", "error_after", "cut", "slow", "hang", "late", "publishing", "error_200")
    return any(f"[sandbox:{name}" in text for name in names)
