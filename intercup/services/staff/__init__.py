"""The technical team: its members, their sessions at the desk, and the log of what they do.

Called by the desk's pages and by `intercup staff`.
"""
