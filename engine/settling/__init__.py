"""The one place where anything is decided.

Callers use `settle.settle` (apply the causes that are due), and `claim.objection` and `claim.step_of` (the question
asked just before the wire). The rest is how: `order` finds the next cause; `desk` is what one cause is worked on with,
`view` its facts; then, in the order of things, `learning` the fact, `goals` and `leaving`, `stages`, `waking` and
`waits`, and `entries`; `walk` and `acting` take steps, `permission` says whom a message may reach.
"""
