"""`sojourn check`."""

from pathlib import Path

import pytest

from tests.sojourn.calling import POLICY, WELCOME, call, write_folder


def broken(folder: Path) -> Path:
    return write_folder(folder, welcome=WELCOME.replace("2 days", "2 dayz").replace("exit: done", "exits: done"))


def test_clean_files_end_with_status_0(folder: Path) -> None:
    said = call("check")
    assert (said.status, said.out) == (0, ""), said


def test_faults_end_with_status_1_and_every_one_is_told_with_its_place(folder: Path) -> None:
    broken(folder)
    said = call("check", "--format", "concise")
    assert said.status == 1
    lines = said.out.splitlines()
    assert [line.split(":")[:2] for line in lines] == [
        ["journeys/onboarding/welcome.yaml", "7"],
        ["journeys/onboarding/welcome.yaml", "10"],
    ]


def test_the_full_form_shows_the_line_and_points_at_the_place(folder: Path) -> None:
    broken(folder)
    said = call("check")
    assert "7 |   - wait: 2 dayz" in said.out
    shown, pointer = said.out.splitlines()[1:3]
    assert shown[pointer.index("^") :].startswith("2 dayz")


def test_the_json_form_is_a_list_of_faults(folder: Path) -> None:
    assert call("check", "--json").json == []
    broken(folder)
    said = call("check", "--json")
    assert said.status == 1
    assert {"file", "line", "column", "found", "expected", "hint", "severity"} == set(said.json[0])


def test_the_github_form_annotates_the_file(folder: Path) -> None:
    broken(folder)
    said = call("check", "--format", "github")
    assert said.out.startswith("::error file=journeys/onboarding/welcome.yaml,line=7,col=")


def test_one_file_is_held_against_the_others_and_told_alone(folder: Path) -> None:
    broken(folder)
    assert call("check", "journeys/any/receipt.yaml").status == 0
    assert call("check", "journeys/onboarding").status == 1


def test_a_template_that_does_not_render_its_sample_is_a_fault(folder: Path) -> None:
    (folder / "templates/email/receipt/sample.yaml").write_text("{}")
    said = call("check", "--format", "concise")
    assert said.status == 1
    assert "templates/email/receipt/body.html:1:1: entry.amount has no value" in said.out


@pytest.mark.parametrize("path", ["nowhere", "/"])
def test_a_place_without_journeys_is_a_wrong_usage(folder: Path, path: str) -> None:
    said = call("check", path)
    assert said.status == 2
    assert said.err.startswith(f"sojourn: {path}: ")


def test_a_file_that_is_not_utf_8_is_a_fault_among_the_others(folder: Path) -> None:
    (folder / "journeys/segments.yaml").write_bytes("# Größe\na: ü\xff\n".encode("latin-1"))
    (folder / "templates/email/receipt/sample.yaml").write_text("{}")
    said = call("check", "--format", "concise")
    assert said.status == 1
    assert "journeys/segments.yaml:1:5: byte 0xf6 is not UTF-8; save the file as UTF-8" in said.out
    assert "templates/email/receipt/body.html:1:1: entry.amount has no value" in said.out
    assert call("publish").status != 0


def test_what_ships_is_without_a_fault(tmp_path: Path) -> None:
    assert call("init", tmp_path / "mine").status == 0
    assert call("check", tmp_path / "mine", "--strict").status == 0


def test_a_template_that_css_may_miss_is_a_warning_and_stops_nothing(folder: Path) -> None:
    page = "<html><head><style>.a{top:0}</style></head><body class='{{ entry.amount }}'></body></html>"
    (folder / "templates/email/receipt/body.html").write_text(page)
    said = call("check", "--format", "concise")
    assert said.status == 0
    assert said.out.startswith("templates/email/receipt/body.html:1:1: warning: a class that Jinja makes")
    assert call("check", "--strict").status == 1


def test_marketing_without_a_way_out_in_one_of_its_languages_is_a_fault(folder: Path) -> None:
    (folder / "templates/email/hello/subject.de.txt").write_text("Hallo")
    (folder / "templates/email/hello/body.de.txt").write_text("Hallo")
    said = call("check", "--format", "concise")
    assert said.status == 1
    assert "the template email/hello is marketing and has no 'links.unsubscribe'" in said.out


def test_a_variant_is_held_to_the_names_that_its_journeys_have(folder: Path) -> None:
    (folder / "templates/email/receipt/subject.de.txt").write_text("Danke")
    (folder / "templates/email/receipt/body.de.txt").write_text("{{ discount | default(1) }}")
    said = call("check", "--format", "concise")
    assert said.status == 1
    assert "'discount'" in said.out


def test_a_template_that_says_where_we_are_needs_a_policy_that_does(folder: Path) -> None:
    write_folder(folder, policy=POLICY.replace("postal_address: Acme GmbH, Hauptstr. 1, 10115 Berlin\n", ""))
    (folder / "templates/email/receipt/body.txt").write_text("{{ postal_address }}")
    said = call("check", "journeys/any/receipt.yaml", "--format", "concise")
    assert "the template email/receipt needs 'postal_address'; journeys/policy.yaml says none" in said.out
