"""The shipped journeys: complete, consistent with what stands beside them, and together a tour of the language."""

from collections import Counter

import pytest

from tests.content import shipped

STEP_KINDS = {"email", "sms", "wait", "wait_for", "choose", "split", "update", "emit", "move_to", "start", "exit"}
WORDS = {
    "again", "any_key", "expires", "fallback", "goal", "grace", "holdout", "id", "if", "if_past", "key", "sender",
    "survives_stage", "timeout", "topic", "value", "where", "while_inside", "window", "with", "within",
}  # fmt: skip
FILES = shipped.journey_files()


def every_node() -> list[shipped.Node]:
    return [node for path in FILES for node in shipped.nodes(shipped.read(path))]


def test_every_stage_has_a_journey_and_any_has_three() -> None:
    folders = Counter(path.parent.name for path in FILES)
    stages = set(shipped.setting("lifecycle")["stages"])
    assert set(folders) == stages | {"any"}
    assert folders["any"] >= 3


def test_a_journey_name_is_unique() -> None:
    assert len({path.stem for path in FILES}) == len(FILES)


def test_together_the_journeys_use_every_step_kind_and_every_word() -> None:
    used = {word for node in every_node() for word in node}
    assert used >= STEP_KINDS | WORDS


def test_together_the_journeys_enter_by_event_stage_journey_and_api() -> None:
    triggers = {word for path in FILES for word in shipped.read(path)["enter"]}
    assert triggers >= {"event", "stage", "journey", "api"}


def test_together_the_journeys_wait_for_every_kind_of_moment() -> None:
    moments = [node["wait"]["until"] for node in every_node() if isinstance(node.get("wait"), dict)]
    assert {"09:00", "tuesday 10:00", "2027-05-07 09:00", "customer.trial_ends", "1 day after visit.starts_at"} <= {
        *moments
    }
    assert {node["if_past"] for node in every_node() if "if_past" in node} == {"continue", "skip", "exit"}


def test_the_events_that_journeys_name_are_the_declared_ones() -> None:
    declared = set(shipped.setting("facts")["events"])
    named = {name for path in FILES for name in shipped.events_named(shipped.read(path))}
    named |= shipped.events_named(shipped.setting("lifecycle")) | shipped.events_named(shipped.setting("segments"))
    assert named == declared


def test_attributes_that_journeys_name_are_declared() -> None:
    declared = set(shipped.setting("facts")["attributes"])
    settings = [node for name in ("lifecycle", "segments") for node in shipped.nodes(shipped.setting(name))]
    named = {node["attribute"] for node in every_node() + settings if "attribute" in node}
    named |= {name for node in every_node() for name in node.get("update", {})}
    assert named <= declared


def test_segments_topics_senders_and_journeys_that_are_named_exist() -> None:
    policy = shipped.setting("policy")
    for node in every_node():
        assert node.get("segment") in {None, *shipped.setting("segments")}
        assert node.get("topic") in {None, *policy["topics"]}
        assert node.get("sender") in {None, *policy["senders"]}
        assert node.get("start") in {None, *(path.stem for path in FILES)}


def test_message_ids_are_unique_within_a_journey() -> None:
    for path in FILES:
        steps = [step for steps in shipped.step_lists(shipped.read(path)) for step in steps]
        ids = Counter(step.get("id") or step.get("email") or step.get("sms") for step in steps)
        assert [name for name, times in ids.items() if name and times > 1] == [], path.stem


@pytest.mark.parametrize("name", ["quiet_month", "second_chance"])
def test_retention_and_win_back_ask_for_nothing_but_purchases(name: str) -> None:
    [path] = [path for path in FILES if path.stem == name]
    journey = shipped.read(path)
    assert journey["goal"]["event"] == "purchased"
    assert set(journey["enter"]) == {"stage", "existing"}
