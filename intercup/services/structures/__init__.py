"""config/structures.yaml, read and checked: categories, structures, mailboxes.

Every process reads it when it starts; `intercup check-config` only checks it.
"""
