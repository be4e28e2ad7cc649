"""
The nouns: tables, states and their moves, frozen values, and the pure rules that several rooms need.

No I/O, no clock, no chance, no settings. docs/glossary.md has a sentence for each word.
"""
