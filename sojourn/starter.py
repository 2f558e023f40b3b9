"""The starter content: a folder of an author's own, from the journeys and templates that ship."""

import shutil
from pathlib import Path
from typing import Final

from sojourn.errors import Mistake
from sojourn.project import JOURNEYS, TEMPLATES

SHIPPED: Final = Path(__file__).parents[1]
SETTINGS: Final = """\
# What is not said here has its default. Each key can also be set in the environment: SOJOURN_DATABASE,
# SOJOURN_CHANNELS_EMAIL. Secrets stand only there: SOJOURN_CHANNELS_SMTP_PASSWORD.

# database = "sqlite:///.sojourn/sojourn.db"      # or postgresql+psycopg://...
# public_url = "https://mail.acme.example"        # where providers and customers reach this installation
# api_port = 8026                                 # the API listens at 127.0.0.1; SOJOURN_WRITE_KEY lets events in
# temporal = "127.0.0.1:7233"                     # without it, `sojourn run` brings a dev server of its own

[channels]
# email = "mailbox"                               # this machine alone: it wins over journeys/policy.yaml, which says
# sms = "mailbox"                                 # channels: {email: sendgrid, sms: twilio}; said nowhere: the mailbox
live = false                                      # real channels write only to `allow` until this is true
allow = ["*@acme.example"]

# [channels.smtp]
# host = "smtp.acme.example"
# username = "acme"

# [channels.sendgrid]                             # SOJOURN_CHANNELS_SENDGRID_API_KEY holds the key
# webhook_key = "MFkw..."                         # public: of the signed event webhook

# [channels.twilio]                               # SOJOURN_CHANNELS_TWILIO_AUTH_TOKEN: the account's
# account_sid = "AC..."
# messaging_service_sid = "MG..."
"""
IGNORED: Final = "# State of this machine: database, mailbox, logs.\n.sojourn/\n"


def make_folder(directory: Path) -> None:
    """Make the folder. Raises Mistake where it has journeys or templates already."""
    for room in (JOURNEYS, TEMPLATES):
        if (directory / room).exists():
            raise Mistake(f"{directory / room}: is there already; expected neither {JOURNEYS}/ nor {TEMPLATES}/")
    if directory.exists() and not directory.is_dir():
        raise Mistake(f"{directory}: is a file; expected a folder")
    for room in (JOURNEYS, TEMPLATES):
        shutil.copytree(SHIPPED / room, directory / room, ignore=shutil.ignore_patterns("__pycache__"))
    _write(directory / "sojourn.toml", SETTINGS)
    _write(directory / ".gitignore", IGNORED)


def _write(file: Path, text: str) -> None:
    if not file.exists():
        file.write_text(text, "utf-8")
