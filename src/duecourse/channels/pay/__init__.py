"""Payment links: what a provider of them is to duecourse, and one that is reached by HTTP.

A provider of an outsider is a `Kind` under the entry points ``duecourse.payments``. What does not belong here: what is
owed, whose payment it is, and whether a callback counts (casework).
"""
