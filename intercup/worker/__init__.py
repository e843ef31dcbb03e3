"""The worker process: sends the mails that are due and deletes what is past its time.

`intercup worker` runs it; several may run at once.
"""
