"""The project that docs and tests share: every file of the journey language, with one journey that uses it all."""

LIFECYCLE = """\
start: awareness
stages:
  awareness:   {about: knows us}
  acquisition: {about: signs up, enter: {event: signed_up}, from: [awareness]}
  onboarding:  {about: first value, enter: {event: trial_started}, from: [awareness, acquisition]}
  engagement:  {enter: {any: [{event: session_started}, {event: purchased}]}, from: [onboarding, retention, win_back]}
  retention:
    enter: {all: [{absent: session_started, for: 14 days}, {absent: purchased, for: 14 days}]}
    from: [engagement, expansion, advocacy]
  expansion:   {enter: {segment: power_users}, from: [engagement], stay: 30 days}
  advocacy:    {enter: {attribute: nps, at_least: 9}, from: [engagement, expansion], stay: 30 days}
  win_back:
    enter: {all: [{absent: session_started, for: 90 days}, {absent: purchased, for: 90 days}]}
    from: [engagement, retention]
"""

POLICY = """\
zone: Europe/Berlin
postal_address: Acme GmbH, Hauptstr. 1, 10115 Berlin
salt: acme-2026
senders: {default: {name: Ada at Acme, email: hello@acme.example, number: "+4915112345678"}}
topics:  {product_tips: {about: How to get more out of Acme}, offers: {about: Prices and offers}}
caps:    {all: 3 per 7 days, sms: 1 per day, topics: {offers: 1 per 7 days}}
quiet_hours: {sms: {from: 21:00, to: 08:00}, preset: DE}
"""

FACTS = """\
attributes:
  {plan: {one_of: [trial, team, pro]}, trial_ends: date, visits: number, country: text, active: boolean, nps: number}
events:
  {signed_up: {}, session_started: {}, purchased: {amount: number, items: list}, trial_started: {plan: text},
   trial_cancelled: {}, project_created: {amount: number}, demo_booked: {starts_at: time}, support_ticket_opened: {},
   onboarding_ended: {plan: text}}
"""

SEGMENTS = """\
power_users: {event: session_started, at_least: 20, within_last: 30 days}
active_trials: {all: [{attribute: plan, is: trial}, {attribute: trial_ends, after: now}]}
internal_staff: {attribute: country, is: ZZ}
"""

TRIAL = """\
description: Get a trial user to the first project.
enter: {event: trial_started, where: {plan: [trial, team]}, if: {attribute: country, exists: true}}
again: after 90 days
goal: {event: project_created, within: 14 days, value: amount, then: [{email: well_done}]}
exit: [{event: trial_cancelled}, {segment: internal_staff}]
holdout: 10%
purpose: marketing
topic: product_tips
window: {days: [mon, tue, wed, thu, fri], from: 09:00, to: 18:00, zone: customer, otherwise: Europe/Berlin}
expires: 2 days
steps:
  - email: welcome
  - wait_for:
      up_to: 3 days
      first:
        - {event: demo_booked, as: demo, then: [{wait: {until: 1 day after demo.starts_at, if_past: continue}}]}
        - {event: support_ticket_opened, then: [{wait: 2 days}]}
        - {message: welcome, was: clicked, within_last: 3 days}
      timeout: [{sms: need_a_hand, fallback: {email: need_a_hand}}]
  - choose:
      - if: {event: session_started, at_least: 3, within_last: 7 days}
        then: [{update: {active: true, visits: {add: 1}}}]
      - otherwise: [{email: how_it_works}]
  - split:
      name: last_call
      arms:
        plain: {share: 50%, then: [{email: trial_ends}]}
        offer: {share: 50%, then: [{email: trial_ends_offer}]}
  - wait: {until: 3 days before customer.trial_ends, at: 10:00, if_past: skip}
  - email: trial_ends
    id: last_day
    with: {days_left: 3}
    if: {segment: active_trials}
  - emit: {event: onboarding_ended, with: {plan: {fact: customer.plan}}}
  - move_to: engagement
  - start: upsell
    with: {plan: {fact: customer.plan}}
  - exit: done
"""

UPSELL = """\
enter: {api: true}
purpose: marketing
topic: offers
when_capped: skip
steps:
  - email: more_for_you
    if: {fact: entry.plan, is: team}
"""

EMAILS = ("welcome", "well_done", "need_a_hand", "how_it_works", "trial_ends", "trial_ends_offer", "more_for_you")


def example_project() -> dict[str, str]:
    """The example as path to text."""
    texts = {
        "journeys/lifecycle.yaml": LIFECYCLE,
        "journeys/policy.yaml": POLICY,
        "journeys/facts.yaml": FACTS,
        "journeys/segments.yaml": SEGMENTS,
        "journeys/onboarding/trial.yaml": TRIAL,
        "journeys/engagement/upsell.yaml": UPSELL,
        "templates/sms/need_a_hand/body.txt": "Need a hand?",
    }
    for name in EMAILS:
        texts |= {
            f"templates/email/{name}/subject.txt": name,
            f"templates/email/{name}/body.html": '<a href="{{ links.unsubscribe }}">Unsubscribe</a>',
            f"templates/email/{name}/body.txt": "{{ links.unsubscribe }}",
        }
    return texts
