"""The README's first journey is one that a new folder takes as it stands."""

import re

from tests.content import shipped
from tests.content.test_author_guide import faults_of


def test_the_first_journey_passes_in_a_new_folder() -> None:
    readme = (shipped.ROOT / "README.md").read_text(encoding="utf-8")
    [(file, text)] = re.findall(r"^```yaml\n# (journeys/\S+)\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    assert faults_of(shipped.texts() | {file: text}) == []
