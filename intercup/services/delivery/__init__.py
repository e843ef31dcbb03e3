"""Mails on their way: the outbox, attempts and their results, bounces, alarms.

Requests put mails in; the worker and `intercup outbox` and `bounces` move them on.
"""
