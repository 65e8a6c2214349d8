"""
The rules of the service catalog: which definitions of services are sound, and how a definition may change.

Everything here is a function of plain data: the compiler applies the rules too, before anything is sent to the server. What
breaks a rule raises :class:`inmanta_lsm.attributes.violation.RuleViolationError`.
"""
