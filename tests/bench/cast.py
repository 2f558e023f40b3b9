"""Who is written to, by what words, on both sides alike."""

from engine.customer import Customer
from engine.language.project import load_release
from engine.release import Release

FROM = "hello@acme.example"
POLICY = f"""
zone: Europe/Berlin
postal_address: Acme GmbH, Hauptstr. 1, 10115 Berlin
senders: {{default: {{name: Ada at Acme, email: {FROM}}}}}
topics: {{tips: {{about: Tips}}}}
"""
TWO_MESSAGES = """
enter: {event: signed_up}
purpose: marketing
topic: tips
again: always
steps:
  - email: hello
  - wait: 1 minute
  - choose:
      - if: {attribute: plan, is: plus}
        then: [email: later]
"""
LONG_WAIT = """
enter: {event: signed_up}
purpose: marketing
topic: tips
steps:
  - email: hello
  - wait: 300 days
  - email: later
"""
SUBJECT = "For {{ customer.first_name }}"
BODY = "Dear {{ customer.first_name }},\n\nyour plan is {{ customer.plan }}.\n\n{{ links.unsubscribe }}\n"


def release(journey: str) -> Release:
    """A project of one journey."""
    texts = {
        "journeys/policy.yaml": POLICY,
        "journeys/lifecycle.yaml": "start: awareness\nstages:\n  awareness: {about: knows us}\n",
        "journeys/any/two.yaml": journey,
    }
    for name in ("hello", "later"):
        texts |= {f"templates/email/{name}/subject.txt": SUBJECT, f"templates/email/{name}/body.txt": BODY}
    made, faults = load_release(texts)
    if made is None:
        raise ValueError("\n".join(map(str, faults)))
    return made


def customer(number: int) -> Customer:
    """An invented customer who may be written to."""
    return Customer(
        f"c{number}",
        attributes={"first_name": f"Ada {number}", "plan": "plus"},
        email=address(number),
        identified=True,
        stage="awareness",
        consents={("email", "tips"): True},
    )


def address(number: int) -> str:
    """Where a customer is written to."""
    return f"c{number}@customers.example"
