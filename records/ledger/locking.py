"""The lock under which the ledger changes a message that somebody has held for a while."""

from sqlalchemy import Connection, bindparam, select

from records.tables import customer, message

_LOCK = (
    select(customer.c.id)
    .join(message, message.c.customer_id == customer.c.id)
    .where(message.c.id == bindparam("row"), message.c.public_id == bindparam("public_id"))
    .with_for_update(of=customer, key_share=True)
)


def lock_customer(connection: Connection, row: int, public_id: str) -> bool:
    """Lock a message's customer. Customers are locked before messages, by everybody: else two lock each other out.

    False: she was erased, and the row may be another's by now, since SQLite gives its number anew.
    """
    return connection.execute(_LOCK, {"row": row, "public_id": public_id}).first() is not None
