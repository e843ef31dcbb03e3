"""Personal data: retention periods and their purge, export and erasure of one person.

Called by the worker every day and by `intercup purge` and `person`.
"""
