"""The technical team's work on sentences: collection, the queue of groups, accepted examples.

Called by the chat's gateway, the purge, the pages under /presidio and `intercup tuning`.
"""
