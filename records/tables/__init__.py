"""The schema: a model per noun, and the same tables under their singular names for statements."""

from records.tables.clocks import ClockRow
from records.tables.columns import Row, table_of
from records.tables.consents import ConsentEventRow, ReviewRow, SuppressedAddressRow, SuppressionRow
from records.tables.customers import CustomerRow, KnownAsRow, StageMoveRow
from records.tables.decisions import DecisionRow
from records.tables.enrollments import EnrollmentRow, OutboxRow, WaitRow
from records.tables.erasures import ErasedRow
from records.tables.events import EventRow
from records.tables.journeys import JourneyRow, JourneyVersionRow, ReleaseRow
from records.tables.links import LinkRow
from records.tables.messages import ChannelRow, MessageAttemptRow, MessageRow, ProviderEventRow

metadata = Row.metadata

channel = table_of(ChannelRow)
clock = table_of(ClockRow)
consent_event = table_of(ConsentEventRow)
customer = table_of(CustomerRow)
decision = table_of(DecisionRow)
enrollment = table_of(EnrollmentRow)
erased = table_of(ErasedRow)
event = table_of(EventRow)
journey = table_of(JourneyRow)
journey_version = table_of(JourneyVersionRow)
known_as = table_of(KnownAsRow)
link = table_of(LinkRow)
message = table_of(MessageRow)
message_attempt = table_of(MessageAttemptRow)
outbox = table_of(OutboxRow)
provider_event = table_of(ProviderEventRow)
release = table_of(ReleaseRow)
review = table_of(ReviewRow)
stage_move = table_of(StageMoveRow)
suppressed_address = table_of(SuppressedAddressRow)
suppression = table_of(SuppressionRow)
wait = table_of(WaitRow)
