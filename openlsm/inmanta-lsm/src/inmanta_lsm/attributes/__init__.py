"""
The rules of attribute sets: which values fit a service entity, who may change what, and what a request makes of a set.

Everything here is a function of plain data. What breaks a rule raises

:class: `inmanta_lsm.attributes.violation.RuleViolationError`, whose text is one sentence for the author of the request
"""
