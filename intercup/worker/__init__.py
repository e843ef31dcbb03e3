"""The worker process: sends due mails, asks whether requests were answered and purges.

`intercup worker` runs it; several may run at once.
"""
