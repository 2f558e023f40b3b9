"""The guide to what listens: its row for a file of customers is one that a new folder takes."""

import re
from pathlib import Path

from tests.content import shipped
from tests.sojourn.calling import call


def test_the_row_for_a_file_of_customers_is_taken_whole(tmp_path: Path) -> None:
    guide = (shipped.ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    [row] = re.findall(r"`(\{\"id\": .*\})`", guide)
    (tmp_path / "customers.jsonl").write_text(f"{row}\n")
    for words in (["init", tmp_path / "acme"], ["publish", "-C", tmp_path / "acme"]):
        assert call(*words).status == 0
    said = call("import", "customers", tmp_path / "customers.jsonl", "-C", tmp_path / "acme", "--json")
    assert (said.status, said.json["new"], said.json["left_out"]) == (0, 1, 0)
