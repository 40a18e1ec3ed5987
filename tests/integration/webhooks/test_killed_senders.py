"""A sender that dies just after each thing that it does to the outside: to die before it, or between two reads, leaves
the same behind as to die after the one before."""

import httpx

from punctual.webhooks.draining import AT_ONCE
from tests.integration.killing import Fate, Fated
from tests.integration.webhooks.hooks import Hooks

READS = {"get_item", "batch_get_item", "query"}


def run(fate: Fate) -> tuple[Hooks, list[str]]:
    """Three endpoints: a good one, one that fails once for each event, one that is gone."""
    hooks = Hooks(runs_clock=False)
    hooks.clock.every(60, hooks.waking.wake_due)
    failed: set[str] = set()

    def once(request: httpx.Request) -> httpx.Response:
        event = request.headers["webhook-id"]
        if event in failed:
            return httpx.Response(200)
        failed.add(event)
        return httpx.Response(500)

    made = [hooks.webhook("good"), hooks.webhook("shaky", once), hooks.webhook("gone", 410)]
    hooks.tell("post.completed", wakes=False)
    respond = hooks.answer

    def fated(request: httpx.Request) -> httpx.Response:
        answer: httpx.Response = fate.meet("http", lambda: respond(request))
        return answer

    hooks.parts(Fated(hooks.dynamodb, fate), Fated(hooks.sqs, fate), fated)
    hooks.waking.wake("ws_x")
    hooks.clock.run(minutes=4)
    return hooks, [each.id for each in made]


def test_wherever_a_sender_dies_each_event_arrives_and_the_log_says_so() -> None:
    honest = Fate(at=0, when="after")
    run(honest)
    places = [place for place, name in enumerate(honest.names, 1) if name not in READS]
    assert {honest.names[place - 1] for place in places} >= {
        "http",
        "update_item",
        "transact_write_items",
        "send_message",
    }
    deaths = 0
    for at in places[1:]:  # the first wakes the lanes, which is another function's
        fate = Fate(at=at, when="after")
        hooks, (good, shaky, gone) = run(fate)
        deaths += bool(fate.died_in)  # lanes have minutes of their own, by their ids: some runs make fewer calls
        last = hooks.feed.head("ws_x").sequence
        for host, webhook_id, first in (("good", good, 1), ("shaky", shaky, 2)):
            wanted = list(range(first, last + 1))
            assert sorted(set(hooks.sequences(host))) == wanted, (at, fate.died_in)
            assert len(hooks.sequences(host)) <= len(wanted) + AT_ONCE, "one round comes again at most"
            sends, _ = hooks.sends.page(webhook_id, 100)
            assert [(each.sequence, each.state) for each in sends] == [(each, "delivered") for each in wanted[::-1]]
            lane = hooks.lanes.get(webhook_id)
            assert lane
            assert (lane.position, lane.busy_until, lane.failures) == (last, None, 0)
            assert hooks.sends.retries(webhook_id, 10) == []
        ends = [each for each in hooks.told() if each.type == "webhook.disabled"]
        assert [each.data["webhook_id"] for each in ends] == [gone], (at, fate.died_in)
    assert deaths > len(places) * 0.8
