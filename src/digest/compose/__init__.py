"""
Turn picks into renditions, and renditions into mails. An issue is rendered once with every pick,
cut at marks into segments; a reader's mail is a join of the segments chosen for them.
"""
