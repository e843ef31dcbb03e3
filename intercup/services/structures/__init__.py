"""config/structures.yaml, read and checked: categories, structures, mailboxes.

Web and actions read it at start and after each change; `intercup check-config` checks it.
"""
