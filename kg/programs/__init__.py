"""Programs that run as processes of their own, killed at a deadline, and the sandbox that they enter first.

`python -m kg.programs.query | fetch`; kg.workers and kg.federation start them.
Nothing comes in by a door, so that each imports no more than it needs.
"""
