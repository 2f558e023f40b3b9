"""Secrets among an adapter's options: one of blanks is none."""

from typing import Final

from pydantic import SecretStr
from pydantic_core import PydanticCustomError

MISSING: Final = PydanticCustomError("missing", "Field required")
"""What pydantic itself says of an option that is not there."""


def words_of(secret: SecretStr) -> str:
    """What a secret says, without the blanks around it."""
    return secret.get_secret_value().strip()
