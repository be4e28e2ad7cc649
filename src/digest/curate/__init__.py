"""
Turn articles into stories, and stories into picks. Pure: no clock, disk, network, chance, session
or settings; same input, same output, whatever the order it arrives in.
"""
