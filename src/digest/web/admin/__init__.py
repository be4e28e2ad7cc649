"""
The admin pages, under `/admin/`: a table of routes, each with the permission that it needs.

A handler is a plain function of a `Visit`. It never runs before the gate has checked host, form and permission,
and the context that it hands to a use case names the account that acts.
"""
