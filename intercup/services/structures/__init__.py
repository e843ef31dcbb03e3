"""config/structures.yaml, read and checked: categories, structures, mailboxes.

Web and actions read it when they start and whenever it changes; `intercup check-config` checks it.
"""
