"""Customers: loaded whole, settled by the engine, saved in one go; and whose turn it is."""

from records.customers.finding import Reached, reached_by
from records.customers.line import by_enrollment, by_name, due, failed
from records.customers.loading import Loaded, load
from records.customers.saving import save

__all__ = ["Loaded", "Reached", "by_enrollment", "by_name", "due", "failed", "load", "reached_by", "save"]
