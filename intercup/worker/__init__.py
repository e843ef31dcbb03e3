"""The worker process: sends due mails and deletes data beyond its retention period.

`intercup worker` runs it; several may run at once.
"""
