"""The archive's standard doors: what other archives' tools ask, and how it is answered.

CDX (pywb's CDX server API), Memento (RFC 7089), and pages without scripts.
"""
