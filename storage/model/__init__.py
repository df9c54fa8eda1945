"""The nouns that everything else speaks, a module for each subject.

All are frozen values. Times are aware and UTC unless a field says that it
keeps the zone a page stated.
"""
