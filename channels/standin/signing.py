"""The signatures on webhooks, made as the providers make them."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class SendGridKey:
    """A key pair of the event webhook, new with every instance (ECDSA on P-256)."""

    def __init__(self) -> None:
        self._private = generate_private_key(SECP256R1())

    @property
    def public(self) -> str:
        """The verification key as SendGrid's settings show it: DER in base64, on one line."""
        return b64encode(
            self._private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).decode()

    def sign(self, timestamp: str, body: bytes) -> str:
        """The signature over the timestamp, in seconds since 1970, and the body's own bytes."""
        return b64encode(self._private.sign(timestamp.encode() + body, ECDSA(SHA256()))).decode()


def sign_for_twilio(token: str, url: str, form: Mapping[str, str]) -> str:
    """X-Twilio-Signature: the whole URL and the form's parameters in the order of their names, keyed by the token."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return b64encode(hmac.digest(token.encode(), signed.encode(), sha1)).decode()
