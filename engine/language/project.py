"""Loads a whole project: every file's text in, the release and every fault out."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

from engine.language.checking.check import check
from engine.language.draft import FACTS, LIFECYCLE, POLICY, SEGMENTS, Draft
from engine.language.faults import Fault, Severity, nearest, worst
from engine.language.journeys.journey import address, read_journey
from engine.language.lifecycle import read_lifecycle
from engine.language.policy import read_declared, read_policy, read_segments
from engine.language.reading import NAME, Reading
from engine.language.source import Node, parse
from engine.release import Declared, Lifecycle, Policy, Release


def load_release(
    texts: Mapping[str, str],
    template_names: Mapping[str, frozenset[str]] | None = None,
    adapters: Mapping[str, Collection[str]] | None = None,
) -> tuple[Release | None, list[Fault]]:
    """The release that these files make, None when one of them has a fault; and every fault and warning, in order.

    `texts` holds the project's files by path, such as `journeys/onboarding/trial.yaml` and
    `templates/email/welcome/subject.txt`. `template_names` gives the names that each template needs, by
    `email/welcome`; without it templates are held to their existence only. `adapters` gives those there are, by
    channel; without it any will do.
    """
    draft = replace(read(texts, template_names), adapters=adapters)
    check(draft)
    faults = sorted(set(draft.reading.faults))
    return (None if worst(faults) is Severity.FAULT else draft.release), faults


def read(texts: Mapping[str, str], template_names: Mapping[str, frozenset[str]] | None = None) -> Draft:
    """What the files say, before it is held against each other."""
    reading = Reading()
    reading.faults += _misplaced(texts)
    trees: dict[str, Node] = {}
    for file in sorted(file for file in texts if file.startswith("journeys/") and file.endswith(".yaml")):
        tree, faults = parse(file, texts[file])
        reading.faults += faults
        if tree is not None:
            trees[file] = tree
    return Draft(_release(reading, trees, texts), reading, trees, frozenset(texts) - frozenset(trees), template_names)


def _release(reading: Reading, trees: Mapping[str, Node], texts: Mapping[str, str]) -> Release:
    kept = {file: text for file, text in sorted(texts.items()) if file.startswith(("journeys/", "templates/"))}
    journeys = [read_journey(reading, tree, address(file)) for file, tree in trees.items() if _is_journey(file)]
    return Release(
        lifecycle=read_lifecycle(reading, trees[LIFECYCLE]) if LIFECYCLE in trees else Lifecycle("", ()),
        segments=read_segments(reading, trees[SEGMENTS]) if SEGMENTS in trees else {},
        policy=read_policy(reading, trees[POLICY]) if POLICY in trees else Policy(),
        declared=read_declared(reading, trees[FACTS]) if FACTS in trees else Declared(),
        journeys={journey.name: journey for journey in journeys},
        digest=sha256(json.dumps(list(kept.items())).encode()).hexdigest()[:32],
        texts=kept,
    )


def _is_journey(file: str) -> bool:
    parts = file.split("/")
    return len(parts) == 3 and parts[0] == "journeys" and parts[1] != "fragments" and file.endswith(".yaml")


def _misplaced(texts: Mapping[str, str]) -> Iterator[Fault]:
    """Files that stand where nothing would read them, or that share a name."""
    if LIFECYCLE not in texts:
        yield Fault(LIFECYCLE, 1, 1, "the file is missing", "it says the stages of a customer's life")
    first: dict[str, str] = {}
    for file in sorted(file for file in texts if file.startswith("journeys/")):
        if fault := _misplacement(file):
            yield fault
        elif _is_journey(file) and (other := first.setdefault(address(file).name, file)) != file:
            yield Fault(
                file, 1, 1, f"a journey of this name is in {other}", "a journey's name is unique in the project"
            )


def _misplacement(file: str) -> Fault | None:
    """Why nothing would read this file, or would misread it; None when all is well."""
    parts = file.split("/")
    if file.endswith(".yml"):
        return Fault(file, 1, 1, "the file ends in .yml", "name it .yaml")
    if not file.endswith(".yaml") or file in (LIFECYCLE, SEGMENTS, POLICY, FACTS):
        return None
    if len(parts) == 2:
        hint = nearest(file, (LIFECYCLE, SEGMENTS, POLICY, FACTS))
        return Fault(
            file, 1, 1, "a journey outside of a stage's folder", "put it into journeys/<stage>/ or journeys/any/", hint
        )
    if parts[1] == "fragments":
        return Fault(file, 1, 1, "fragments are not available yet", "write their steps into the journeys")
    if len(parts) > 3:
        return Fault(file, 1, 1, "a journey in a folder of a folder", "put it into journeys/<stage>/ or journeys/any/")
    if not NAME.match(address(file).name):
        return Fault(
            file, 1, 1, f"'{address(file).name}' is no name", "a journey's name is letters, digits, '_' and '-'"
        )
    return None
